/**
 * The page's one copy of Fluent UI Web Components, and only those that the hub uses. Front-ends use
 * the tags; the shell loads this after its start. It sets no theme: `theme/` names the tokens.
 */

import "@fluentui/web-components/badge/define.js";
import "@fluentui/web-components/button/define.js";
