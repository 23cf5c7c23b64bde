// SPDX-License-Identifier: GPL-2.0-or-later
// The page of ims-hss: everything comes from the REST API (/openapi.json) and goes into the document as text, never as
// markup. The token stays in this tab (sessionStorage) and travels in a header field only, so there is no cookie to
// forge a request with.
"use strict";

const byId = id => document.getElementById(id);
const api = "/api/v1/";
let shown = null; // id of the subscriber that is shown
let nextPage = null, listed = "subscribers?limit=50";
let nextBound = null, boundListed = "migrations?over=false";

function say(text, bad) {
	byId("message").textContent = text;
	byId("message").className = bad ? "bad" : "";
}

async function ask(method, path, body) {
	const headers = {Authorization: "Bearer " + sessionStorage.getItem("token")};
	if (body !== undefined)
		headers["Content-Type"] = "application/json";
	const answer = await fetch(path, {method, headers, body: body === undefined ? undefined : JSON.stringify(body)});
	const json = await answer.json();
	if (answer.ok)
		return json;
	const problem = new Error(json.detail + "\n" + json.action);
	problem.status = answer.status;
	throw problem;
}

function cell(content, className) {
	const td = document.createElement("td");
	td.append(...[content].flat());
	if (className)
		td.className = className;
	return td;
}

function row(cells) {
	const tr = document.createElement("tr");
	tr.append(...cells.map(c => c instanceof Node ? c : cell(String(c))));
	return tr;
}

function button(text, act, className) {
	const b = document.createElement("button");
	b.type = "button";
	b.textContent = text;
	b.className = className || "";
	b.addEventListener("click", act);
	return b;
}

// Rows are replaced only where they differ: what somebody is about to click stays where it is. Who has his keyboard's focus in a
// row that goes has it in the row's place, or at the heading.
function fill(id, rows) {
	const body = byId(id), old = [...body.children], focused = document.activeElement;
	const at = old.findIndex(r => r.contains(focused));
	rows.forEach((r, i) => {
		if (!old[i])
			body.append(r);
		else if (!r.isEqualNode(old[i]))
			old[i].replaceWith(r);
	});
	old.slice(rows.length).forEach(r => r.remove());
	if (at >= 0 && !focused.isConnected)
		(body.children[at]?.querySelector("button") || body.closest("section").querySelector("h2")).focus({preventScroll: true});
}

const lines = (texts, className) => texts.map(text => {
	const line = document.createElement("div");
	line.textContent = text;
	line.className = className || "";
	return line;
});

const subscriber = (...rest) => [api + "subscribers", shown, ...rest].map((s, i) => i ? encodeURIComponent(s) : s).join("/");

async function act(text, method, path, body, then) {
	try {
		const done = await ask(method, path, body);
		say([typeof text === "string" ? text : text(done), ...(done.steps || [])].join("\n"));
		if (then)
			then();
	} catch (problem) {
		say(problem.message, true);
		return false;
	}
	await refresh();
	return true;
}

function showList(list) {
	nextPage = list.next;
	byId("next").hidden = !nextPage;
	byId("total").textContent = list.total;
	fill("rows", list.subscribers.map(s => row([
		cell(s.private.map(p => button(p, () => show(s.id), "link"))),
		cell(s.public.flatMap(u => lines([u.identity + " " + u.state + (u.barred ? " barred" : "")], u.state))), s.scscf])));
}

function publicRow(u) {
	const path = subscriber("public", u.identity);
	return row([u.set || "alone", u.identity, u.display, u.profile, cell(u.inactive ? "inactive" : u.state, "state " + u.state),
		u.registered_by.join(", "), cell(u.barred ? "barred" : "no", u.barred ? "barred" : ""), u.masked.join(", "),
		cell([button(u.barred ? "Unbar" : "Bar", () => act("changed", "PATCH", path, {barred: !u.barred})), " ",
			button("Remove", () => act("removed", "DELETE", path))], "provision")]);
}

function showOne(s) {
	byId("one").hidden = false;
	byId("name").textContent = s.id;
	byId("scscf").textContent = s.scscf || "none";
	fill("privates", s.private.map(p => row([p.identity, p.giba ? p.scheme + ", GIBA" : p.scheme, p.amf, p.sqn, p.msisdn, p.imsi])));
	fill("publics", [...s.public].sort((a, b) => a.set - b.set).map(publicRow));
	fill("ifcs", s.ifc.map(f => row([f.profile, f.priority, f.server, f.trigger || "always", f.part, f.default, f.dsai.join(", "),
		cell(button("Remove", () => act("removed", "DELETE", subscriber("ifc", f.profile, f.priority))), "provision")])));
	fill("uses", s.shared.map(u => row([u.profile, u.set,
		cell(button("Remove", () => act("removed", "DELETE", subscriber("shared", u.profile, u.set))), "provision")])));
}

// The first 20 sets: a person looks for a few; programs have all of them.
async function showSets() {
	const list = await ask("GET", api + "shared-ifcs");
	const sets = await Promise.all(list.sets.slice(0, 20).map(s => ask("GET", api + "shared-ifcs/" + s.set)));
	fill("sets", sets.flatMap(s => s.ifc.map(f => row([s.set, f.priority, f.server, f.trigger || "always", f.part, f.default, f.dsai.join(", "),
		cell(button("Remove", () => act("removed", "DELETE", api + "shared-ifcs/" + s.set + "/" + f.priority)), "provision")]))));
}

const endedText = done => "withdrawn: " + done.ended + ", users who were here and are gone: " + done.gone +
	(done.not_confirmed ? "; the S-CSCF did not confirm, and is told again: " + done.not_confirmed : "");

async function endBound(which, path) {
	if (confirm("End " + which + " at once and for ever? There is no vector from then on, and who is registered here is deregistered."))
		return act(endedText, "DELETE", path);
	return false;
}

const utc = time => (time || "").replace(/[TZ]/g, " ").trim();

function boundRow(b) {
	const here = b.side === "here", names = n => n ? lines([n.private, ...n.public]) : "";
	const who = (b.own ? b.own.private : b.id) + (here ? " of " : " at ") + b.partner;
	const end = button("Withdraw", () => endBound("the migration of " + who, api + "migrations/" + encodeURIComponent(b.id)));
	end.setAttribute("aria-label", "Withdraw " + who);
	const tr = row([here ? "the partner's, here (inbound)" : "ours, at the partner", b.partner, cell(names(b.own)), cell(names(b.pair)),
		cell(lines([b.state, b.reason].filter(text => text), b.state)), utc(b.changed), utc(b.expires), "registered" in b ? b.registered ? "yes" : "no" : "",
		b.asked ? b.asked.vectors + ", last " + utc(b.asked.last) : here ? "" : "none", cell(b.state === "live" ? end : "", "provision")]);
	tr.dataset.id = b.id;
	return tr;
}

async function showBound() {
	let list, path = boundListed;
	do { // a page may have none of those that are looked for
		list = await ask("GET", api + path);
		path = list.next && list.next.slice(api.length);
	} while (path && !list.migrations.length);
	nextBound = path;
	byId("next-bound").hidden = !path;
	byId("none-bound").hidden = list.migrations.length > 0;
	fill("bound", list.migrations.map(boundRow));
}

function showStatus(status) {
	document.body.classList.toggle("reader", status.role === "read");
	byId("identity").textContent = status.identity;
	fill("peers", status.peers.map(p => row([p.name, p.state])));
	fill("counters", Object.entries({...status.totals, ...status.counters}).map(([name, n]) => row([name, n])));
}

function hide() {
	shown = null;
	byId("one").hidden = true;
}

async function refresh() {
	showStatus(await ask("GET", api + "status"));
	showList(await ask("GET", api + listed));
	await showSets();
	await showBound();
	if (!shown)
		return;
	try {
		showOne(await ask("GET", subscriber()));
	} catch (problem) {
		if (problem.status !== 404)
			throw problem;
		hide();
	}
}

async function show(id) {
	shown = id;
	await refresh().catch(problem => say(problem.message, true));
}

function signedIn(yes) {
	byId("main").hidden = byId("logout").hidden = !yes;
	byId("login").hidden = yes;
}

// Once in two seconds, as long as somebody looks.
async function watch() {
	if (sessionStorage.getItem("token") && !document.hidden)
		try {
			await refresh();
			signedIn(true);
		} catch (problem) {
			if (problem.status === 401 || problem.status === 429) {
				sessionStorage.removeItem("token");
				signedIn(false);
			}
			say(problem.message, true);
		}
	setTimeout(watch, 2000);
}

function onForm(id, submit) {
	byId(id).addEventListener("submit", async event => {
		event.preventDefault();
		const form = event.target;
		if (await submit(Object.fromEntries(new FormData(form))))
			form.reset();
	});
}

onForm("login", async () => {
	sessionStorage.setItem("token", byId("token").value.trim());
	say("");
	try {
		await refresh();
		signedIn(true);
		return true;
	} catch (problem) {
		sessionStorage.removeItem("token");
		say(problem.message, true);
		return true;
	}
});

onForm("search", async () => {
	const wanted = byId("wanted").value.trim();
	listed = wanted ? "subscribers?identity=" + encodeURIComponent(wanted) : "subscribers?limit=50";
	await refresh().catch(problem => say(problem.message, true));
	return false;
});

const authentications = {
	milenage: f => ({k: f.k, opc: f.opc}),
	tuak: f => ({algorithm: "tuak", k: f.k, topc: f.topc, res: Number(f.res), keccak: Number(f.keccak)}),
	digest: f => f.realm ? {password: f.password, realm: f.realm} : {password: f.password},
};

// What the chosen one does not have is neither seen, nor checked, nor sent.
function showScheme() {
	for (const label of document.querySelectorAll("#create [data-for]")) {
		label.hidden = label.dataset.for !== byId("scheme").value;
		label.querySelector("input, select").disabled = label.hidden;
	}
}
byId("scheme").addEventListener("change", showScheme);
byId("create").addEventListener("reset", () => setTimeout(showScheme));
showScheme();

onForm("create", async f => {
	const publics = f.publics.split(/\s+/).filter(s => s);
	const body = {private: [{identity: f.identity, ...authentications[f.scheme](f)}],
		public: publics.map(identity => ({identity, set: 1, display: f.display}))};
	const made = await act("created", "POST", api + "subscribers", body);
	if (made)
		await show(f.identity);
	return made;
});

onForm("add-public", f => act("stored", "PUT", subscriber("public", f.identity),
	{set: Number(f.set), profile: Number(f.profile), display: f.display}));

onForm("add-ifc", f => act("stored", "PUT", subscriber("ifc", f.profile, f.priority), {server: f.server, trigger: f.trigger}));

onForm("add-use", f => act("stored", "PUT", subscriber("shared", f.profile, f.set)));

onForm("add-set", f => act("stored", "PUT", api + "shared-ifcs/" + f.set + "/" + f.priority, {server: f.server, trigger: f.trigger}));

onForm("search-bound", async f => {
	const wanted = Object.entries(f).filter(([, text]) => text.trim()).map(([name, text]) => [name, text.trim()]);
	boundListed = "migrations?" + new URLSearchParams(wanted);
	await refresh().catch(problem => say(problem.message, true));
	return false;
});

onForm("end-bound", f => endBound("all migrations with " + f.partner, api + "migrations?partner=" + encodeURIComponent(f.partner.trim())));

byId("end-all-bound").addEventListener("click", () => endBound("all migrations with all partners", api + "migrations?all=true"));
byId("next-bound").addEventListener("click", () => {
	boundListed = nextBound;
	refresh().catch(problem => say(problem.message, true));
});
byId("all").addEventListener("click", () => {
	listed = "subscribers?limit=50";
	byId("wanted").value = "";
	refresh().catch(problem => say(problem.message, true));
});
byId("next").addEventListener("click", () => {
	listed = nextPage.slice(api.length);
	refresh().catch(problem => say(problem.message, true));
});
byId("push").addEventListener("click", () => act("pushed", "POST", subscriber("push")));
byId("deregister").addEventListener("click", () => act("deregistered", "POST", subscriber("deregister"),
	{force: byId("force").checked}));
byId("withdraw").addEventListener("click", () => {
	if (confirm("Take " + shown + " out of the network, and remove the subscription?"))
		act("withdrawn", "DELETE", subscriber() + (byId("force").checked ? "?force=true" : ""), undefined, hide);
});
byId("logout").addEventListener("click", () => {
	sessionStorage.removeItem("token");
	location.reload();
});
watch();
