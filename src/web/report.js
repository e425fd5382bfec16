// The page of a report: builds it out of the data that stands in it. Text goes into the page as text only.
'use strict';

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  const { class: name, ...rest } = properties;
  if (name) element.className = name;
  for (const [key, value] of Object.entries(rest)) {
    if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const card = (title, ...children) => make('section', { class: 'card' }, make('h3', {}, title), ...children);
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const when = (event) => str(event?.ts).replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');

function table(caption, head, rows, name = '') {
  const cell = (tag, value, numeric) => make(tag, { class: numeric ? 'number' : '' }, value);
  const headings = head.map((title) => make('th', { scope: 'col', class: title.endsWith('.') ? 'number' : '' },
                                            title.replace(/\.$/, '')));
  return make('div', { class: 'scroll' },
              make('table', { class: name, 'aria-label': caption },
                   head[0] ? make('thead', {}, make('tr', {}, ...headings)) : '',
                   make('tbody', {}, ...rows.map((row) => make('tr', {}, ...row.map((value, index) =>
                     value instanceof Node && value.tagName === 'TD' ? value
                       : index === 0 ? make('th', { scope: 'row' }, value)
                       : cell('td', value, head[index].endsWith('.'))))))));
}

// Filled when somebody opens it.
function folded(title, build, name = 'card listing') {
  const details = make('details', { class: name }, make('summary', {}, title));
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) details.append(build());
  });
  return details;
}

// Verdict

function verdict(call) {
  const { level, title, reason } = call.verdict;
  const moment = (remark) => (remark.t === null ? '' : ` (at ${duration(remark.t)})`);
  return make('section', { class: `card verdict ${level}` },
              make('h3', {}, title),
              make('p', {}, reason),
              call.remarks.length ? make('ol', { class: 'remarks', 'aria-label': 'Remarks' }, ...call.remarks.map((remark) =>
                make('li', {}, make('span', { class: `flag ${remark.level}` }, String(remark.number)),
                     make('span', {}, remark.text + moment(remark))))) : null,
              make('dl', { class: 'figures' }, ...call.figures.map(([label, text, mark]) =>
                make('div', { class: mark }, make('dt', {}, label), make('dd', {}, text)))));
}

function expectations(call) {
  if (!call.expectations.length) return null;
  return card('What was expected', table('What was expected', ['expected', 'outcome', 'measured', 'broken at'],
    call.expectations.map((each) => [
      str(each.expect),
      make('td', { class: each.met === true ? 'good' : 'bad' }, each.met === true ? '✓ met' : '✗ broken'),
      measured(each),
      num(each.t) === null ? '' : duration(num(each.t) - call.zero)]), 'expectations'));
}

// Setup

function waterfall(call) {
  const reached = call.stages.flatMap((stage) => known([stage.from, stage.to]));
  const failed = call.stages.some((stage) => stage.to === null);
  const high = Math.max(...reached, failed ? call.length : 0.001);
  // A long wait for the peer is not to squeeze what follows.
  const low = Math.max(Math.min(...reached, 0), -high);
  const percent = (t) => `${Math.min(Math.max((t - low) / (high - low), 0), 1) * 100}%`;
  let stuck = false;
  const rows = call.stages.map((stage) => {
    const track = make('div', { class: 'track', role: 'presentation' });
    const stopsHere = stage.to === null && !stuck;
    stuck ||= stopsHere;
    if (stage.to !== null || stopsHere) {
      const bar = make('div', { class: `bar ${stage.to === null ? 'missing' : stage.kind}` });
      const from = stage.from ?? Math.max(...reached, low);
      bar.style.left = percent(from);
      bar.style.width = `calc(${percent(stage.to ?? high)} - ${percent(from)})`;
      track.append(bar);
    }
    const took = stage.to === null || stage.from === null ? '' : duration(Math.max(stage.to - stage.from, 0));
    return [stage.name, stage.to === null ? 'not reached' : duration(stage.to), took, track];
  });
  return card('Setup', table('Setup, step by step', ['step', 'after the offer.', 'took.', 'time'], rows, 'waterfall'));
}

// Details

function candidate(value) {
  const { address, port, protocol, candidateType } = obj(value);
  return `${str(protocol)} ${str(address)} port ${num(port) ?? '?'}, ${str(candidateType)}`;
}

function facts(call) {
  const rows = [];
  const add = (label, text) => text && rows.push([label, text]);
  add('Peer', call.peer && (str(call.peer.number) || 'without a number'));
  add('Call', str(call.connected?.call ?? call.peer?.call));
  add('Local candidate', call.connected?.local && candidate(call.connected.local));
  add('Remote candidate', call.connected?.remote && candidate(call.connected.remote));
  for (const kind of ['video', 'audio']) {
    const media = obj(call.negotiated?.[kind]);
    const received = obj(obj(call.summary[kind]).received);
    const size = num(received.frameWidth) ? `, ${received.frameWidth}x${num(received.frameHeight)}` : '';
    add(kind === 'video' ? 'Video' : 'Audio', str(media.codec) && `${media.codec}, payload type ${num(media.payload_type) ?? '?'}, ${str(media.direction)}${size}`);
  }
  for (const kind of ['video', 'audio']) {
    const { received, sent } = obj(call.summary[kind]);
    const count = (side, member) => num(obj(side)[member]) ?? 0;
    if (received || sent)
      add(`Packets of ${kind}`, `${count(received, 'packetsReceived')} received, ${count(received, 'packetsLost')} of them lost on the way; ` +
                                `${count(sent, 'packetsSent')} sent, ${count(sent, 'retransmittedPacketsSent')} of them again`);
  }
  const about = card('The connection', rows.length ? table('The connection', ['', ''], rows, 'facts')
                                                   : make('p', { class: 'soft' }, 'None came about.'));
  if (!call.picture) return about;
  return make('div', { class: 'pair' }, about,
              card('The last picture', make('img', { class: 'snapshot', src: call.picture, alt: 'The last picture of the other side' })));
}

function numbers(call) {
  const lines = kCharts.flatMap((chart) => chart.lines.map(([label, key]) => [`${chart.title}, ${label} (${chart.unit}).`, key]))
                       .filter(([, key]) => known(call.series[key] ?? []).length);
  return make('div', { class: 'tall', tabIndex: 0 }, table('Every sample', ['at', ...lines.map(([title]) => title)],
    call.series.t.map((t, index) => [duration(t), ...lines.map(([, key]) => short(call.series[key][index]))])));
}

function eventList(call) {
  const rest = ({ ts, t, event, schema, call: id, ...members }) => (event === 'stats' ? '…' : JSON.stringify(members));
  return make('div', { class: 'tall', tabIndex: 0 }, table('Every event', ['at', 'event', 'with'],
    call.events.map((event) => [duration(event.t - call.zero), str(event.event), make('td', {}, make('pre', {}, rest(event)))])));
}

// Runs

function sections(call, beside) {
  // As many for every call: two stand row by row.
  const nothing = () => make('div', { hidden: beside.length === 0 });
  return [verdict(call), expectations(call) ?? nothing(), waterfall(call), charts(call, beside), facts(call),
          call.series.t.length ? folded('Every sample as a table', () => numbers(call)) : nothing(),
          folded('Every event', () => eventList(call))];
}

// Of a process that took several calls: which they were, and each of them to open.
function several(run, calls) {
  const rows = calls.map((call, index) => [
    String(index + 1), when(call.connected ?? call.events[0]), str(call.peer?.number), duration(num(call.summary.duration_s)),
    make('td', { class: call.verdict.level }, call.verdict.title)]);
  const worst = calls.findIndex((call) => call.verdict.level === 'bad');
  const opened = worst < 0 ? calls.length - 1 : worst;
  const each = calls.map((call, index) => {
    const details = folded(`Call ${index + 1}: ${call.verdict.title}`, () => {
      const content = make('div', { class: 'call' }, ...sections(call, []));
      setTimeout(drawWaiting);
      return content;
    }, 'call');
    details.open = index === opened;
    return details;
  });
  const end = list(run.events).findLast((event) => event.event === 'end');
  return [card(`${calls.length} calls`, end ? make('p', { class: 'soft' }, `Ended: ${str(end.reason)}`) : null, table('The calls', ['call', 'when', 'number', 'lasted.', 'verdict'], rows, 'calls')), ...each];
}

function title(run, calls) {
  const { mode } = calls[0];
  return [run.label || (mode && `callagent --${mode}`) || 'callagent', when(calls[0].events[0]),
          run.label && mode ? `--${mode}` : ''].filter(Boolean);
}

function show(data) {
  const runs = list(data.runs).map((run) => ({ run, calls: callsOf(run) }));
  const single = runs.map(({ calls }) => calls.length === 1);
  const ids = new Set(runs.map(({ calls }) => str(calls[0].connected?.call)));
  const oneCall = runs.length === 2 && ids.size === 1 && !ids.has('');
  const main = document.getElementById('report');
  main.replaceChildren(
    make('header', {}, make('h1', {}, oneCall ? 'Report of a call, both ends' : runs.length === 2 ? 'Two calls, side by side' : 'Report of a call'),
         make('span', { class: 'soft' }, runs[0].calls[0].first('start') ? `callagent ${str(runs[0].calls[0].first('start').version)}` : '')),
    make('div', { class: `runs ${runs.length === 2 ? 'two' : ''} ${single.every(Boolean) ? 'aligned' : ''}` }, ...runs.map(({ run, calls }, index) => {
      const [name, ...about] = title(run, calls);
      const other = runs[1 - index];
      const beside = runs.length === 2 && single[0] && single[1] ? other.calls : [];
      return make('article', { class: 'run' },
                  make('header', {}, make('h2', {}, name), make('p', { class: 'soft' }, about.join(' · ')),
                       run.missing > 0 ? make('p', { class: 'soft' },
                         run.missing === 1 ? 'One line of the events is missing.' : `${run.missing} lines of the events are missing.`) : null),
                  ...(single[index] ? sections(calls[0], beside) : several(run, calls)));
    })));
  document.title = `${runs[0].calls.length === 1 ? runs[0].calls[0].verdict.title : 'Several calls'}: report of callagent`;
  drawWaiting();
}

show(JSON.parse(document.getElementById('data').textContent));
