/** `@mainhub/sdk`: all that a micro-frontend may see of the hub. */

export * from "./core.js";
export { HubCard } from "./elements/card.js";
export { HubIcon } from "./elements/icon.js";
export { defineElement } from "./elements/registry.js";
export { HubRing } from "./elements/ring.js";
export { HubSkeleton } from "./elements/skeleton.js";
export { surface } from "./elements/surface.js";
