// Signs in with npm's certified openid-client at each issuer, as its users do who check signatures.
//
// Reads [{"name", "issuer", "algorithm"}, ...] from standard input, writes the names of those at
// which somebody was signed in.
import * as oidc from "openid-client";

const { clientId, secret, issuers } = JSON.parse(await new Response(process.stdin).text());
const redirect = "https://hub.example/callback";

async function signsIn({ issuer, algorithm }) {
	const metadata = { id_token_signed_response_alg: algorithm };
	const client = await oidc.discovery(
		new URL(issuer),
		clientId,
		metadata,
		oidc.ClientSecretPost(secret),
		// Issuers on loopback speak http; and signatures are checked, which it leaves out by itself.
		{ execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks], timeout: 10 },
	);
	const verifier = oidc.randomPKCECodeVerifier();
	const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
	const to = oidc.buildAuthorizationUrl(client, {
		redirect_uri: redirect,
		scope: "openid",
		code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
		code_challenge_method: "S256",
		state,
		nonce,
	});
	const back = await fetch(to, { redirect: "manual" });
	const granted = await oidc.authorizationCodeGrant(client, new URL(back.headers.get("location")), {
		pkceCodeVerifier: verifier,
		expectedState: state,
		expectedNonce: nonce,
		idTokenExpected: true,
	});
	return granted.claims() !== undefined;
}

// What fails outside of any sign-in is no sign-in either.
process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});

const accepted = [];
for (const one of issuers) {
	try {
		const late = new Promise((_, give) => setTimeout(give, 15_000, new Error("late")));
		if (await Promise.race([signsIn(one), late])) accepted.push(one.name);
	} catch {
		// Refused, which is what should happen to most.
	}
}
process.stdout.write(JSON.stringify(accepted), () => process.exit(0));
