// Only what is told of the state is replaced: what somebody types, and where they are, stays.
setInterval(async () => {
	if (document.hidden) return;
	const answer = await fetch(`/_sim${location.search}`).catch(() => undefined);
	if (!answer?.ok) return;
	const text = await answer.text();
	// Without its head: a style of another page's nonce would be reported as a violation.
	const main = text.slice(text.indexOf("<main"), text.indexOf("</main>"));
	const fresh = new DOMParser().parseFromString(main, "text/html");
	const renew = (old, next) => {
		if (old && next && old.innerHTML !== next.innerHTML) old.innerHTML = next.innerHTML;
	};
	for (const now of document.querySelectorAll(".now")) {
		const next = fresh.getElementById(now.id);
		for (const [at, part] of [...now.children].entries()) renew(part, next?.children[at]);
	}
	for (const button of document.querySelectorAll(".mode")) {
		const same = `#${button.closest("section").id} .mode[value="${button.value}"]`;
		button.ariaPressed = fresh.querySelector(same)?.ariaPressed ?? button.ariaPressed;
	}
}, 1000);
