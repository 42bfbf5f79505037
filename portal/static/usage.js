// Draws the series of a page anew, so that single values can be pointed at and a part be
// looked at closely. Everything is read from the page's own table: nothing is fetched, nothing
// is sent. Without this script, or when it fails, the page has the same picture and table.
"use strict";
(function () {
  if (typeof uPlot === "undefined") return;

  // read takes one column of a table; what is not shown is null.
  function read(rows, column) {
    return rows.map(function (row) {
      var digits = row.cells[column].textContent.replace(/\D/g, "");
      return digits === "" ? null : Number(digits);
    });
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // grouped parts thousands as the page does.
  function grouped(n) {
    return n == null ? "·" : String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  }

  // date writes a day so that nobody takes it for another order of day and month.
  function date(at) {
    return new Date(at * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  }

  function draw(box) {
    var table = document.getElementById(box.dataset.table);
    var rows = Array.from(table.tBodies[0].rows);
    if (rows.length < 8) return; // as the server decides
    var heads = Array.from(table.tHead.rows[0].cells);
    var data = [rows.map(function (row) { return Date.parse(row.querySelector("time").dateTime) / 1000; })];
    var axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    var series = [{ label: heads[0].textContent, value: function (_, at) { return at == null ? "" : rows[data[0].indexOf(at)].cells[0].textContent; } }];
    heads.forEach(function (head, column) {
      var kind = head.dataset.series;
      if (!kind) return;
      data.push(read(rows, column));
      var s = { label: head.textContent, value: function (_, n) { return grouped(n); }, spanGaps: false };
      if (kind === "now") {
        s.stroke = s.fill = colour("--h4");
        s.paths = uPlot.paths.bars({ size: [0.8, 60] });
        s.points = { show: false };
      } else {
        s.stroke = colour("--focus");
        s.width = 2;
        s.dash = [6, 4];
        s.points = { size: 4 };
      }
      series.push(s);
    });
    var step = data[0][1] - data[0][0];
    // Every so many days or weeks a label: only where there is a bar.
    var splits = function (plot) {
      var each = Math.ceil(rows.length / Math.max(1, Math.floor(plot.width / 80)));
      return data[0].filter(function (_, i) { return i % each === 0; });
    };
    var size = function () { return { width: box.clientWidth, height: box.clientWidth < 480 ? 220 : 280 }; };
    var plot = new uPlot({
      width: size().width, height: size().height, series: series, tzDate: function (at) { return uPlot.tzDate(new Date(at * 1000), "UTC"); },
      scales: { x: { range: function (_, low, high) { return [low - step / 2, high + step / 2]; } }, y: { range: function (_, low, high) { return [0, Math.max(1, high * 1.05)]; } } },
      axes: [Object.assign({}, axis, { grid: { show: false }, splits: splits, values: function (_, list) { return list.map(date); } }), Object.assign({}, axis, { size: 56, values: function (_, list) { return list.map(grouped); } })]
    }, data, box);
    box.classList.add("drawn");
    plot.root.setAttribute("aria-hidden", "true"); // the table says it better
    new ResizeObserver(function () { plot.setSize(size()); }).observe(box);
  }

  document.querySelectorAll(".series").forEach(function (box) {
    try { draw(box); } catch (e) { box.classList.remove("drawn"); }
  });
})();
