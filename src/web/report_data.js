// Events → what the report shows. Plain data in, plain data out: nothing here touches the page. The events may come from
// a file that anybody wrote, so every member is looked at before it is believed.
'use strict';

const num = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const obj = (value) => (value && typeof value === 'object' && !Array.isArray(value) ? value : {});
const str = (value) => (typeof value === 'string' ? value : '');
const list = (value) => (Array.isArray(value) ? value.map(obj) : []);
const known = (values) => values.filter((value) => value !== null);
const mean = (values) => (known(values).length ? known(values).reduce((a, b) => a + b, 0) / known(values).length : null);
const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
const times = (value, factor) => (value === null ? null : value * factor);

const fixed = (value, digits) => value.toFixed(digits).replace('-', '−');

// A number for a person: three digits that count.
function short(value) {
  if (value === null) return '–';
  const size = Math.abs(value);
  return fixed(value, size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : 2);
}

function duration(seconds) {
  if (seconds === null) return '–';
  const size = Math.abs(seconds);
  if (size < 1) return `${fixed(seconds * 1000, size < 0.01 && size > 0 ? 1 : 0)} ms`;
  if (size < 120) return `${fixed(seconds, size < 10 ? 2 : 1)} s`;
  return size < 7200 ? `${fixed(seconds / 60, 1)} min` : `${fixed(seconds / 3600, 1)} h`;
}

const kOutcomes = new Map([
  [0, 'The call worked'], [1, 'A bug of callagent ended it'], [2, 'Wrong usage'], [3, 'Signaling failed'],
  [4, 'Nobody came'], [5, 'The two ends did not agree on media'], [6, 'No network path (ICE)'],
  [7, 'Encryption failed (DTLS)'], [8, 'No media, or it stopped'], [9, 'A local device or file failed'],
  [10, 'Not as expected'], [11, 'Busy, refused or hung up'], [130, 'Interrupted'], [143, 'Terminated'],
]);

// Calls of a run: what is up to each `call-ended`, and what is up to the end.
function callsOf(run) {
  const calls = [];
  let open = [];
  let last = 0;
  for (const raw of list(run.events)) {
    const event = { ...raw, t: num(raw.t) ?? last };
    last = event.t;
    open.push(event);
    if (event.event !== 'call-ended') continue;
    calls.push(open);
    open = [];
  }
  const happened = open.some((e) => ['peer', 'ringing', 'connected', 'stats'].includes(e.event) ||
                                    (e.event === 'end' && num(e.exit_code) !== 0));
  if (happened || !calls.length) calls.push(open);
  const mode = str(list(run.events).find((event) => event.event === 'start')?.mode);
  return calls.map((events, index) => {
    const call = callOf(events, mode, calls[index - 1]?.at(-1).t ?? null);
    return { ...call, picture: pictureOf(run, str(call.summary.snapshot), index === 0) };
  });
}

// The data URL of a call's last picture; one without a name is the first call's.
function pictureOf(run, name, first) {
  const pictures = obj(run.pictures);
  const url = str(pictures[name]) || (first ? str(pictures['']) : '');
  return url.startsWith('data:image/png;base64,') ? url : '';
}

// `since`: when the call before it ended.
function callOf(events, mode, since) {
  const first = (name, where = () => true) => events.find((e) => e.event === name && where(e)) ?? null;
  const connected = first('connected');
  const peer = first('peer') ?? first('ringing');
  const end = first('call-ended') ?? first('end');
  const call = { events, mode, since, first, connected, peer, end, negotiated: first('negotiated') };
  call.summary = obj(end?.summary);
  call.firstT = events[0]?.t ?? 0;
  call.lastT = events[events.length - 1]?.t ?? 0;
  // `ms` of events is counted from the offer, and so is everything here.
  const setup = num(connected?.setup_ms);
  call.zero = setup !== null ? connected.t - setup / 1000 : peer?.t ?? call.firstT;
  call.length = Math.max(call.lastT - call.zero, 0.001);
  call.series = seriesOf(call);
  call.expectations = list(end?.verdict);
  call.remarks = remarksOf(call);
  call.verdict = verdictOf(call);
  call.figures = figuresOf(call);
  call.stages = stagesOf(call);
  return call;
}

// Totals of a medium over all of its streams; null where there is none.
function total(stats, type, kind, member) {
  const values = known(stats.filter((s) => s.type === type && s.kind === kind).map((s) => num(s[member])));
  return values.length ? values.reduce((a, b) => a + b, 0) : null;
}

const highest = (stats, type, kind, member) => {
  const values = known(stats.filter((s) => s.type === type && (!kind || s.kind === kind)).map((s) => num(s[member])));
  return values.length ? most(values) : null;
};

// One array per line of a plot, all as long as `t`.
function seriesOf(call) {
  const series = { t: [] };
  const put = (name, value) => (series[name] ??= []).push(value);
  const began = call.connected?.t ?? null;
  const firstPicture = call.first('first-frame', (e) => e.media === 'video')?.t ?? null;
  let before = null;
  for (const event of call.events.filter((e) => e.event === 'stats')) {
    const stats = list(event.stats);
    const quality = obj(event.quality);
    // How fast a total grew since the last sample; the first one since `from`, when it was `less`.
    const rate = (type, kind, member, from = began, less = 0) => {
      const now = total(stats, type, kind, member);
      const then = before ? total(before.stats, type, kind, member) : less;
      const seconds = event.t - (before ? before.t : from ?? event.t);
      return now === null || then === null || seconds <= 0.01 || now < then ? null : (now - then) / seconds;
    };
    const lost = (kind) => {
      const gone = rate('inbound-rtp', kind, 'packetsLost');
      const came = rate('inbound-rtp', kind, 'packetsReceived');
      return gone === null || came === null || gone + came === 0 ? null : gone / (gone + came) * 100;
    };
    series.t.push(event.t - call.zero);
    put('fpsIn', firstPicture === null && !before ? null : rate('inbound-rtp', 'video', 'framesDecoded', firstPicture, 1));
    put('fpsOut', rate('outbound-rtp', 'video', 'framesEncoded', began, 1));
    for (const kind of ['video', 'audio']) {
      put(`${kind}In`, times(rate('inbound-rtp', kind, 'bytesReceived'), 8 / 1000));
      put(`${kind}Out`, times(rate('outbound-rtp', kind, 'bytesSent'), 8 / 1000));
      put(`${kind}Lost`, lost(kind));
      put(`${kind}LostThere`, times(highest(stats, 'remote-inbound-rtp', kind, 'fractionLost'), 100));
      put(`${kind}Jitter`, times(highest(stats, 'inbound-rtp', kind, 'jitter'), 1000));
      put(`${kind}Latency`, num(obj(quality[kind]).latency_ms));
    }
    put('target', times(highest(stats, 'outbound-rtp', 'video', 'targetBitrate'), 1 / 1000));
    put('rtcpTrip', times(highest(stats, 'remote-inbound-rtp', null, 'roundTripTime'), 1000));
    put('iceTrip', times(highest(stats, 'candidate-pair', null, 'currentRoundTripTime'), 1000));
    const level = highest(stats, 'inbound-rtp', 'audio', 'audioLevel');
    put('level', level === null ? null : Math.max(20 * Math.log10(Math.max(level, 1e-5)), -90));
    put('psnr', num(obj(quality.video).psnr_db));
    put('skew', num(quality.av_skew_ms));
    before = { t: event.t, stats };
  }
  return series;
}

const kRemarks = 30;  // whoever reads more reads the events

// What was not as it should be: { level: fair|bad, text, t, until }, those without a time last.
function remarksOf(call) {
  const remarks = [];
  const at = (t) => (t === null ? null : t - call.zero);
  for (const event of call.events) {
    if (event.event === 'warning') {
      remarks.push({ level: 'fair', t: at(event.t), text: str(event.message) || str(event.code) || 'a warning' });
    } else if (event.event === 'stall') {
      const back = call.first('resumed', (e) => e.media === event.media && e.t >= event.t);
      const what = event.media === 'audio' ? 'Sound' : 'Picture';
      remarks.push({ level: 'bad', t: at(event.t), until: at(back?.t ?? call.lastT),
                     text: back ? `${what} stood still for ${duration(back.t - event.t)}`
                                : `${what} stopped and did not come back` });
    }
  }
  for (const each of call.expectations.filter((e) => e.met === false))
    remarks.push({ level: 'bad', t: at(num(each.t)), text: `Expected ${str(each.expect)}, measured ${measured(each)}` });
  const video = obj(obj(call.summary.video).received);
  for (const kind of ['video', 'audio']) {
    const loss = num(obj(obj(call.summary[kind]).received).loss_fraction) ?? 0;
    if (loss > 0.02)
      remarks.push({ level: loss > 0.1 ? 'bad' : 'fair', t: null, text: `${short(loss * 100)} % of the ${kind} was lost` });
  }
  if (num(video.freezeCount) > 0)
    remarks.push({ level: 'fair', t: null, text: `The picture froze ${video.freezeCount} times, ` +
                                                 `${duration(num(video.totalFreezesDuration))} in all` });
  if (num(call.summary.rtt_mean_ms) > 300)
    remarks.push({ level: 'fair', t: null, text: `A round trip took ${short(call.summary.rtt_mean_ms)} ms` });
  remarks.sort((a, b) => (a.t ?? Infinity) - (b.t ?? Infinity) || 0);
  const more = remarks.splice(kRemarks).length;
  if (more) remarks.push({ level: 'fair', t: null, text: `and ${more} more: see every event` });
  return remarks.map((remark, index) => ({ ...remark, number: index + 1 }));
}

function measured(expectation) {
  const value = num(expectation.measured);
  return value === null ? 'nothing' : `${short(value)} ${str(expectation.unit)}`.trim();
}

function verdictOf(call) {
  const code = num(call.end?.exit_code);
  const reason = (code === 0 ? 'Ended: ' : '') + str(call.end?.reason);
  const broken = call.expectations.some((e) => e.met === false);
  if (!call.end) return { level: 'bad', title: 'Unfinished: the events break off', reason };
  if (code !== 0) return { level: 'bad', title: kOutcomes.get(code) ?? `Failed with status ${code ?? '?'}`, reason };
  if (broken) return { level: 'bad', title: 'Not as expected', reason };
  if (!call.connected && !call.series.t.length) return { level: 'fair', title: 'There was no call', reason };
  if (call.remarks.some((remark) => remark.level === 'bad')) return { level: 'fair', title: 'The call had trouble', reason };
  return call.remarks.length ? { level: 'fair', title: 'The call worked, with remarks', reason }
                             : { level: 'good', title: 'A good call', reason };
}

// [label, text, level], the few that say how good it was.
function figuresOf(call) {
  const { summary, series } = call;
  const video = obj(obj(summary.video).received);
  const audio = obj(obj(summary.audio).received);
  const figures = [];
  const add = (label, value, text, level = '') => value !== null && figures.push([label, text(value), level]);
  const lost = known([num(video.packetsLost), num(audio.packetsLost)]).reduce((a, b) => a + b, 0);
  const came = known([num(video.packetsReceived), num(audio.packetsReceived)]).reduce((a, b) => a + b, 0);
  const loss = lost + came > 0 ? lost / (lost + came) * 100 : null;
  const stalls = num(summary.stalls);
  const ms = (value) => duration(value / 1000);
  add('Set up in', num(call.connected?.setup_ms), ms);
  add('First picture', num(call.first('first-frame', (e) => e.media === 'video')?.ms), ms);
  add('Lasted', num(summary.duration_s) ?? (call.connected ? call.lastT - call.connected.t : null), duration);
  add('Frame rate', num(video.fps_mean) ?? mean(series.fpsIn ?? []), (v) => `${short(v)} /s`);
  add('Video in', times(num(video.bitrate_mean), 1 / 1000) ?? mean(series.videoIn ?? []), (v) => `${short(v)} kbit/s`);
  add('Packets lost', loss, (v) => `${short(v)} %`, loss > 10 ? 'bad' : loss > 2 ? 'fair' : '');
  add('Round trip', num(summary.rtt_mean_ms) ?? mean(series.rtcpTrip ?? []), ms);
  add('Latency', mean(series.videoLatency ?? []), ms);
  if (call.connected) add('Stalls', stalls, (v) => String(v), stalls > 0 ? 'bad' : '');
  return figures;
}

// The setup as { name, from, to, kind }, in seconds from the offer; `to` null: not reached.
function stagesOf(call) {
  const at = (event) => (event ? event.t - call.zero : null);
  const state = (name, ...states) => call.first(name, (e) => states.includes(e.state));
  const begin = (call.since ?? call.firstT) - call.zero;
  const online = at(state('signaling', 'connected') ?? call.first('listening'));
  const peer = at(call.peer);
  const negotiated = at(call.negotiated);
  const path = at(state('ice', 'connected', 'completed'));
  const keys = at(state('dtls', 'connected'));
  const up = at(call.connected);
  const stages = [];
  const add = (name, from, to, kind = '') => stages.push({ name, from, to, kind });
  // Of the calls of one process only the first has it.
  if (call.first('start')) add('Signaling', begin, online ?? (peer === null ? null : begin), 'before');
  add(call.mode === 'answer' ? 'Waiting for the peer' : 'Ringing, peer', online ?? begin, peer, 'before');
  add('Negotiated', peer === null ? null : Math.max(0, Math.min(peer, negotiated ?? peer)), negotiated);
  add('ICE', at(state('ice', 'checking', 'new')) ?? negotiated, path);
  add('DTLS', at(state('dtls', 'connecting')) ?? path, keys);
  for (const [kind, name] of [['audio', 'First sound'], ['video', 'First picture']]) {
    const frame = at(call.first('first-frame', (e) => e.media === kind));
    const direction = str(obj(call.negotiated?.[kind]).direction);
    if (frame !== null || !call.negotiated || direction.includes('recv')) add(name, up, frame, 'media');
  }
  return stages;
}

// The plots; a line is its label, its series, how it is drawn, and whether the axis has to hold it. `always`: there for
// every call that has statistics, so that two stand side by side. `from`, `least`: what the axis spans at the least.
const kCharts = [
  { title: 'Frame rate', unit: 'frames/s', least: 10, always: true, lines: [['received', 'fpsIn'], ['sent', 'fpsOut']] },
  { title: 'Bitrate received', unit: 'kbit/s', least: 50, always: true, lines: [['video', 'videoIn'], ['audio', 'audioIn']] },
  { title: 'Bitrate sent', unit: 'kbit/s', least: 50, always: true,
    lines: [['video', 'videoOut'], ['audio', 'audioOut'], ['video at most', 'target', 'dashed', 'aside']] },
  { title: 'Packets lost', unit: '%', least: 1, always: true,
    lines: [['video in', 'videoLost'], ['audio in', 'audioLost'], ['video out', 'videoLostThere', 'dashed'],
            ['audio out', 'audioLostThere', 'dashed']] },
  { title: 'Jitter', unit: 'ms', least: 10, always: true, lines: [['video', 'videoJitter'], ['audio', 'audioJitter']] },
  { title: 'Round trip', unit: 'ms', least: 10, always: true,
    lines: [['RTCP', 'rtcpTrip'], ['ICE', 'iceTrip', 'dashed']] },
  { title: 'Sound level', unit: 'dB', range: [-60, 0], always: true, lines: [['received', 'level']] },
  { title: 'Latency', unit: 'ms', least: 50,
    lines: [['video', 'videoLatency'], ['audio', 'audioLatency'], ['picture behind sound', 'skew', 'dashed']] },
  { title: 'Picture quality', unit: 'dB PSNR', from: 20, least: 45, lines: [['received', 'psnr']] },
];
