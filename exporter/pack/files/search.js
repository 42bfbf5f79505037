// The search of the pack: everything is in window.PACK, nothing is loaded or sent.
(function () {
  "use strict";
  var pack = window.PACK;
  if (!pack) return;
  var form = document.getElementById("search"), box = document.getElementById("q");
  var theme = document.getElementById("theme"), kind = document.getElementById("type");
  var count = document.getElementById("count"), results = document.getElementById("results");
  var step = 50, shown = step;

  // One form of a text for comparing: without marks on Latin letters, in small letters.
  function fold(s) {
    return (s || "").normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d").normalize("NFC").toLowerCase();
  }
  pack.entries.forEach(function (e) {
    var labels = (e.h || []).map(function (id) { return pack.labels.theme[id]; }).concat((e.k || []).map(function (id) { return pack.labels.type[id]; }), (e.c || []).map(function (id) { return pack.labels.country[id]; }));
    e.title = fold(e.t + " " + (e.o || []).join(" "));
    e.text = fold([e.d, e.p, e.y, labels.join(" ")].join(" "));
  });

  function add(parent, name, text, className) {
    var el = document.createElement(name);
    if (text) el.textContent = text;
    if (className) el.className = className;
    parent.appendChild(el);
    return el;
  }

  function link(parent, url, text) {
    if (!/^https?:\/\//.test(url)) return;
    var a = add(parent, "a", text);
    a.href = url;
    a.rel = "noopener noreferrer";
    parent.appendChild(document.createTextNode(" "));
  }

  function show(e) {
    var art = add(results, "article"), h = add(art, "h3", e.t);
    h.dir = "auto";
    if (e.l) h.lang = e.l;
    (e.o || []).forEach(function (o) { add(art, "p", o, "other").dir = "auto"; });
    add(art, "p", [e.p, e.y].filter(Boolean).join(", ") + (e.n || []).map(function (n) { return " · " + n; }).join(""), "facts");
    if (e.d) add(art, "p", e.d).dir = "auto";
    if (e.u || e.f) {
      var p = add(art, "p", "", "links");
      if (e.u) link(p, e.u, "Open at the publisher");
      (e.f || []).forEach(function (f) { link(p, f, "File"); });
      add(p, "span", "needs the internet");
    }
  }

  function run() {
    var words = fold(box.value).split(/\s+/).filter(Boolean);
    var found = [];
    pack.entries.forEach(function (e) {
      if (theme.value && (e.h || []).indexOf(theme.value) < 0 || kind.value && (e.k || []).indexOf(kind.value) < 0) return;
      var score = 0;
      for (var i = 0; i < words.length; i++) {
        var inTitle = e.title.indexOf(words[i]) >= 0;
        if (!inTitle && e.text.indexOf(words[i]) < 0) return;
        score += inTitle ? 3 : 1;
      }
      found.push([score, e]);
    });
    if (words.length) found.sort(function (a, b) { return b[0] - a[0]; });
    var asked = words.length || theme.value || kind.value;
    results.textContent = "";
    count.textContent = asked ? found.length + (found.length === 1 ? " resource" : " resources") : "";
    if (!asked) return;
    found.slice(0, shown).forEach(function (f) { show(f[1]); });
    if (found.length > shown) {
      add(results, "button", "Show more").onclick = function () { shown += step; run(); };
    }
  }

  function changed() {
    shown = step;
    run();
  }
  box.addEventListener("input", changed);
  theme.addEventListener("change", changed);
  kind.addEventListener("change", changed);
  form.addEventListener("submit", function (ev) { ev.preventDefault(); });
  form.hidden = false;
  if (location.hash.indexOf("#q=") === 0) box.value = decodeURIComponent(location.hash.slice(3));
  run();
})();
