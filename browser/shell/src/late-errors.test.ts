import { expect, test } from "vitest";
import { errorOwner } from "./late-errors.js";
import { frontend } from "./testing.js";

const ORIGIN = "https://hub.example";
const ORDERS = frontend("orders");
const STOCK = { ...frontend("stock"), url: "https://stock.example/v1/main.js" };
const UNBUILT = { ...frontend("unbuilt"), url: null };

test.each([
	["Error: x\n    at f (https://hub.example/static/orders.js:1:2)", ORDERS],
	["Error: x\n    at f (https://hub.example/static/orders.js#retry-1:1:2)", ORDERS],
	["Error: x\n    at f (https://stock.example/v1/chunk.js:1:2)", STOCK],
	["Error: x\n    at f (https://hub.example/static/boot.js:1:2)", null],
	["", null],
])("finds whose error it is: %j", (traces, owner) => {
	expect(errorOwner(traces, [UNBUILT, ORDERS, STOCK], ORIGIN)).toBe(owner);
});
