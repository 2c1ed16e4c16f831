/** `@mainhub/sdk`: all that a micro-frontend may see of the hub. */

export * from "./core.js";
export { HubCard } from "./elements/card.js";
export { HubIcon } from "./elements/icon.js";
export { defineElement } from "./elements/registry.js";
export { HubRing } from "./elements/ring.js";
export { HubSkeleton } from "./elements/skeleton.js";
export { surface } from "./elements/surface.js";
export { Feed, type FeedState, type FeedWorld, type Known, problemOf, type Trouble } from "./feed/feed.js";
export { FeedCard, type FeedProps } from "./feed/feed-card.js";
export {
	AnswerUnreadable,
	type Fields,
	fieldsOf,
	listOf,
	oneOf,
	optionalText,
	optionalTime,
	textOf,
	timeOf,
} from "./fields.js";
export { formatMoment } from "./moments.js";
