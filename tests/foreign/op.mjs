// The certified OpenID provider of npm, as its users configure it; started and ended by the tests.
//
//   node op.mjs '{"port": 9400, "hub": "http://localhost:8080", "secret": "...", "par": true}'
//
// What happens in it is told on standard output, a line of JSON each.
import * as oidc from "oidc-provider";

const {
	port,
	hub,
	secret,
	keys,
	method = keys ? "private_key_jwt" : "client_secret_post",
	par = false,
	accessSeconds = 3600,
	guarded = false,
} = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;

const people = {
	ada: { name: "Ada Lovelace", email: "ada@example.com", roles: ["Admin", "Employee"] },
	linus: { name: "Linus Pauling", email: "linus@example.com", roles: [] },
};

const provider = new oidc.Provider(issuer, {
	clients: [
		{
			client_id: "mainhub",
			...(keys ? { jwks: { keys } } : { client_secret: secret }),
			redirect_uris: [`${hub}/auth/callback/main`],
			post_logout_redirect_uris: [`${hub}/auth/signed-out`],
			backchannel_logout_uri: `${hub}/auth/backchannel/main`,
			backchannel_logout_session_required: true,
			grant_types: ["authorization_code", "refresh_token"],
			token_endpoint_auth_method: method,
		},
	],
	findAccount: (_, id) => ({
		accountId: id,
		claims: () => ({ sub: id, ...people[id] }),
	}),
	claims: { openid: ["sub"], profile: ["name", "roles"], email: ["email"] },
	scopes: ["openid", "offline_access", "orders"],
	// As Entra and most others do: who somebody is stands in the id_token.
	conformIdTokenClaims: false,
	// By default it takes offline_access for asked for only where every sign-in asks for consent.
	issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
	rotateRefreshToken: true,
	pkce: { required: () => true },
	ttl: {
		AccessToken: accessSeconds,
		AuthorizationCode: 60,
		Grant: 3600,
		IdToken: 3600,
		Interaction: 600,
		RefreshToken: 3600,
		Session: 3600,
	},
	// By default it takes but one of the curves.
	enabledJWA: {
		clientAuthSigningAlgValues: ["RS256", "PS256", "ES256", "ES384", "ES512"],
	},
	cookies: { keys: ["made up for the tests"] },
	features: {
		backchannelLogout: { enabled: true },
		pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: par },
		revocation: { enabled: true },
		rpInitiatedLogout: { enabled: true },
	},
	// Its own guard lets nothing go to loopback, where the hub of the tests is.
	...(guarded ? {} : { fetch: (url, { dispatcher: _, ...options }) => fetch(url, options) }),
});

const told = [
	"authorization.success",
	"backchannel.error",
	"backchannel.success",
	"end_session.success",
	"grant.error",
	"grant.revoked",
	"grant.success",
	"pushed_authorization_request.success",
	"refresh_token.consumed",
	"refresh_token.destroyed",
	"server_error",
];
for (const event of told) {
	provider.on(event, (...facts) => {
		const error = facts.find((fact) => fact instanceof Error);
		console.log(JSON.stringify({ event, error: error && `${error.message} ${error.error_detail ?? ""}` }));
	});
}

provider.listen(port, "127.0.0.1", () => console.log(JSON.stringify({ event: "ready", issuer })));
