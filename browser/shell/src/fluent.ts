/**
 * The page's one copy of Fluent UI Web Components, and only those that the hub uses. Front-ends use
 * the tags; the shell loads this after its start. It sets no theme: `theme/` names the tokens.
 */

import { Badge } from "@fluentui/web-components/badge/class.js";
import { definition as badge } from "@fluentui/web-components/badge/definition.js";
import { Button } from "@fluentui/web-components/button/class.js";
import { definition as button } from "@fluentui/web-components/button/definition.js";
import { Observable } from "@microsoft/fast-element";

/**
 * Lets removed elements be freed. fast-element 3.0.3 subscribes every element for ever to changes of
 * its definition's template (microsoft/fast, issue 7684): each visit of a page would leave all of it
 * in memory. The definitions here never change, so there is nothing to be told.
 */
function holdNoElements(definition: object): void {
	Observable.getNotifier(definition).subscribe = () => {};
}

void Badge.define(badge, [holdNoElements]);
void Button.define(button, [holdNoElements]);
