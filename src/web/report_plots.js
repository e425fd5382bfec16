// The plots of a report: drawn with uPlot where the page has its width, in the colours of the page's style.
'use strict';

const plots = [];  // { build, plot } of every plot that is drawn

// Warnings and stalls over a plot, numbered as in the remarks.
function marks(remarks) {
  const timed = remarks.filter((remark) => remark.t !== null);
  const place = (plot) => {
    for (const old of plot.over.querySelectorAll('.mark')) old.remove();
    let free = -Infinity;  // a flag has its place beside the one before
    for (const remark of timed) {
      const left = plot.valToPos(Math.max(remark.t, 0), 'x');
      const right = plot.valToPos(Math.max(remark.until ?? remark.t, 0), 'x');
      const mark = make('div', { class: `mark ${remark.level}`, title: remark.text },
                        make('span', { class: `flag ${remark.level}` }, String(remark.number)));
      const shift = Math.max(free - left, 0);
      free = left + shift + 22;
      mark.firstChild.style.left = `${shift}px`;
      mark.style.left = `${left}px`;
      mark.style.width = `${Math.max(right - left, 0)}px`;
      plot.over.append(mark);
    }
  };
  return { hooks: { ready: place, setSize: place } };
}

function spoken(chart, series) {
  const said = chart.lines.map(([label, key]) => {
    const values = known(series[key] ?? []);
    return values.length ? `${label} ${short(mean(values))} on average, ${short(least(values))} to ` +
                           `${short(most(values))}` : null;
  });
  return `${chart.title} in ${chart.unit}: ${said.filter(Boolean).join('; ')}`;
}

function options(chart, call, scales, width) {
  const colours = ['--first', '--second', '--third', '--fourth'].map(css);
  const axis = { stroke: css('--soft'), grid: { stroke: css('--grid'), width: 1 }, ticks: { stroke: css('--grid'), width: 1 },
                 font: '12px system-ui, sans-serif' };
  const shown = chart.lines.filter(([, key]) => known(call.series[key] ?? []).length);
  // Where the pointer is; the mean where it is nowhere.
  const shownAt = (key, value, index) => (index === null || index === undefined ? `mean ${short(mean(call.series[key]))}`
                                                                              : short(value ?? null));
  const plain = (value) => fixed(value, Number.isInteger(value) ? 0 : Number.isInteger(value * 10) ? 1 : 2);
  return {
    width, height: 170,
    padding: [20, 18, 0, 0],
    cursor: { sync: { key: 'report' }, points: { size: 6 }, drag: { x: true, y: false } },
    legend: { live: true, markers: { width: 0, fill: (plot, index) => plot.series[index].stroke() } },
    scales: { x: { time: false, range: scales.x }, y: { range: scales.y } },
    axes: [{ ...axis, size: 32, values: (plot, ticks) => ticks.map((tick) => `${plain(tick)} s`) },
           { ...axis, size: 46, values: (plot, ticks) => ticks.map(plain) }],
    series: [{ label: 'at', value: (plot, value) => duration(value ?? null) },
             ...shown.map(([label, key, style]) => ({
               label, stroke: colours[chart.lines.findIndex((line) => line[1] === key)], width: 2,
               dash: style === 'dashed' ? [5, 4] : undefined, points: { show: call.series.t.length < 3 },
               value: (plot, value, series, index) => shownAt(key, value, index) }))],
    plugins: [marks(call.remarks)],
  };
}

// Both axes begin and end at the same for the calls that stand side by side.
function scalesOf(chart, calls) {
  const span = (lines) => calls.flatMap((call) => lines.flatMap(([, key]) => known(call.series[key] ?? [])));
  const values = span(chart.lines.filter((line) => line[3] !== 'aside'));
  const aside = most(span(chart.lines.filter((line) => line[3] === 'aside')));
  const top = Math.max(most(values), aside < 3 * most(values) ? aside : -Infinity);
  const low = chart.from ?? 0;
  const bottom = least(values) < low ? least(values) - 0.1 * Math.abs(least(values)) : low;
  return { x: [0, most(calls.map((call) => call.length))], y: chart.range ?? [bottom, Math.max(chart.least, top * 1.1)] };
}

function draw(place, chart, call, calls) {
  const shown = chart.lines.filter(([, key]) => known(call.series[key] ?? []).length);
  if (!shown.length) {
    place.append(make('div', { class: 'nothing' }, 'not measured'));
    return;
  }
  const data = [call.series.t, ...shown.map(([, key]) => call.series[key])];
  const build = () => {
    const plot = new uPlot(options(chart, call, scalesOf(chart, calls), place.clientWidth), data, place);
    const canvas = plot.root.querySelector('canvas');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', spoken(chart, call.series));
    return plot;
  };
  plots.push({ place, build, plot: build() });
}

function charts(call, beside) {
  if (!call.series.t.length) return card('Over time', make('p', { class: 'soft' }, 'There are no statistics: no media came to flow.'));
  const calls = [call, ...beside];
  const has = (chart) => chart.always || calls.some((each) => chart.lines.some(([, key]) => known(each.series[key] ?? []).length));
  const grid = make('div', { class: 'charts' });
  const section = card('Over time, from the offer on', grid);
  for (const chart of kCharts.filter(has)) {
    const place = make('div', { class: 'plot' });
    grid.append(make('div', { class: 'chart' }, make('h4', {}, `${chart.title} `, make('span', {}, chart.unit)), place));
    later.push(() => draw(place, chart, call, calls));
  }
  return section;
}

let later = [];  // what needs the page's width

function drawWaiting() {
  const waiting = later;
  later = [];
  for (const each of waiting) each();
}

function fit() {
  for (const { place, plot } of plots)
    if (place.clientWidth && place.clientWidth !== plot.width) plot.setSize({ width: place.clientWidth, height: plot.height });
}

function redraw() {
  for (const each of plots) {
    each.plot.destroy();
    each.plot = each.build();
  }
}

addEventListener('resize', fit);
for (const query of ['(prefers-color-scheme: dark)', 'print'])
  matchMedia(query).addEventListener('change', redraw);
