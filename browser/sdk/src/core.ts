/**
 * The part of the SDK that draws nothing. The shell lives on it alone, so that it stands, and can
 * say what is wrong, even when the elements could not be loaded. Front-ends import `@mainhub/sdk`.
 */

export type {
	Api,
	ApiInit,
	Application,
	Bus,
	Frontend,
	FrontendChange,
	FrontendProps,
	HubEvent,
	HubEventHandler,
	Lifecycles,
	Locale,
	LoginOptions,
	NotifyKind,
	Theme,
	User,
	Widget,
	WidgetEntry,
	WidgetHost,
	WidgetProps,
	WidgetSize,
} from "./contract.js";
export { defineFrontend, defineWidgets } from "./define.js";
export {
	formatChoice,
	formatClock,
	formatCount,
	formatDate,
	formatDay,
	formatSeconds,
	formatTime,
	NBSP,
} from "./format.js";
export type { IconName, RingDrawing, RingState } from "./icons.js";
export { ICONS, iconPath, RINGS } from "./icons.js";
export { allows } from "./permissions.js";
export type { ProblemFacts } from "./problem.js";
export { ApiProblem, isRecord, parseProblem, problemType } from "./problem.js";
export { grantedRoles } from "./roles.js";
