"use strict";
(function () {
	var find = document.getElementById("find");
	var shown = document.getElementById("shown");
	var clean = document.getElementById("clean");
	var tools = document.getElementById("tools");
	var files = Array.from(document.querySelectorAll("[data-v]"));
	var tiles = Array.from(document.querySelectorAll("[data-f]"));
	var words = files.map(function (f) {
		return f.textContent.toLowerCase();
	});
	var wait = 0;

	function filter() {
		var on = tiles.filter(function (t) {
			return t.getAttribute("aria-pressed") === "true";
		}).map(function (t) { return t.dataset.f; });
		var text = find.value.trim().toLowerCase();
		var n = 0;
		files.forEach(function (f, i) {
			var fits = (on.length === 0 ||
			    on.indexOf(f.dataset.v) !== -1) &&
			    (text === "" || words[i].indexOf(text) !== -1);
			f.hidden = !fits;
			n += fits ? 1 : 0;
		});
		var all = on.length === 0 && text === "";
		shown.textContent = all ? "" : n + " shown";
		document.getElementById("none").hidden = n !== 0;
		if (clean !== null && !all)
			clean.open = true;
	}
	if (files.length === 0)
		return;
	tools.hidden = false;
	find.addEventListener("input", function () {
		clearTimeout(wait);
		wait = setTimeout(filter, 100);
	});
	tiles.forEach(function (t) {
		t.addEventListener("click", function () {
			var on = t.getAttribute("aria-pressed") === "true";
			t.setAttribute("aria-pressed", on ? "false" : "true");
			filter();
		});
	});
})();
