/** The roles of a person, as people speak of them. */

import type { User } from "./contract.js";

/** Stands in a list of roles when the person's token names none. */
const ROLELESS = "USER";

/** Returns the roles that were given to *user*: empty for a person without any. */
export function grantedRoles(user: Pick<User, "roles">): readonly string[] {
	return user.roles.filter((role) => role !== ROLELESS);
}
