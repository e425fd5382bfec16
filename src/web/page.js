'use strict';

// The page around one call: the line to the relay, the camera, and what is seen and pressed.

const kConnecting = 'Connecting…';
const kRetryMs = [500, 1000, 2000, 5000];
const kSampleMs = 1000;
const kNotices = ['id', 'joined', 'left', 'unknown'];

const $ = (id) => document.getElementById(id);
const token = new URLSearchParams(location.search).get('token');
let number = '';
let stream = null;      // ours, once it was allowed
let retries = 0;
let socket = null;
let before = null;      // the last sample of getStats

// ---- The relay

// Whether the server says by a header, which none of its clients can set, that notices (who came, who left) are its own.
// Over another one anybody may say them.
async function tellsTruth() {
  try {
    return (await fetch('page.js', { method: 'HEAD', cache: 'no-store' })).headers.has('Callagent-Relay');
  } catch {
    return false;
  }
}

function connectRelay() {
  const url = new URL('ws', location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  if (number) url.searchParams.set('number', number);
  if (token) url.searchParams.set('token', token);
  let truthful;
  socket = new WebSocket(url);
  socket.onmessage = async ({ data }) => {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (message === null || typeof message !== 'object') return;
    if (kNotices.includes(message.type) && !await truthful) return;
    if (message.type === 'id') showNumber(message.id);
    else call.handle(message);
  };
  socket.onopen = () => {
    truthful = tellsTruth();
    retries = 0;
    $('line').textContent = '';
    if ($('state').textContent === kConnecting) show('Ready.');
  };
  socket.onclose = () => {
    const delay = kRetryMs[Math.min(retries++, kRetryMs.length - 1)];
    $('line').textContent = 'The signaling server does not answer: trying again…';
    setTimeout(connectRelay, delay);
  };
}

function send(message) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function showNumber(own) {
  number = own;
  $('ownNumber').value = own;
  document.title = `callagent ${own}`;
}

// ---- Camera and microphone

async function openStream() {
  if (stream && stream.getTracks().every((track) => track.readyState === 'live')) return stream;
  if (!navigator.mediaDevices)
    throw new Error('Browsers give the camera to secure pages only: open this page with https, or on this machine.');
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  } catch (error) {
    throw new Error({
      NotAllowedError: 'The camera and the microphone were refused: allow them for this page, and press Start again.',
      NotFoundError: 'No camera or no microphone was found: plug them in, and press Start again.',
      NotReadableError: 'The camera or the microphone is in use by another program: close that, and press Start again.',
    }[error.name] || `The camera and the microphone cannot be used: ${error.message}`);
  }
  $('selfView').srcObject = stream;
  $('selfView').hidden = false;
  applySwitches();
  return stream;
}

function applySwitches() {
  if (!stream) return;
  for (const track of stream.getAudioTracks()) track.enabled = $('micBtn').ariaPressed !== 'true';
  for (const track of stream.getVideoTracks()) track.enabled = $('cameraBtn').ariaPressed !== 'true';
}

// ---- What is shown

function show(sentence, isError = false) {
  $('state').textContent = sentence;
  $('state').classList.toggle('error', isError);
}

function changed(state, sentence, isError) {
  show(sentence, isError);
  const idle = state === 'idle';
  $('callForm').hidden = !idle;
  $('callControls').hidden = idle || state === 'alerting';
  if (state === 'alerting') {
    $('alertText').textContent = `${sentence} Do you want to talk?`;
    $('alert').showModal();
    $('acceptBtn').focus();
  } else if ($('alert').open) {
    $('alert').close();
  }
  if (idle) {
    $('numbers').textContent = '';
    before = null;
    texts.close();
    chatView.end();
  }
}

function remote(theirs) {
  $('remoteView').srcObject = theirs;
  $('remoteView').hidden = !theirs;
}

// One line: what comes in, what goes out, how far away it is.
async function sample() {
  const connection = call.connection;
  if (!connection || !call.is('up')) return;
  const now = { t: performance.now(), in: 0, out: 0, fps: null, trip: null };
  for (const entry of (await connection.getStats()).values()) {
    if (entry.type === 'inbound-rtp') now.in += entry.bytesReceived || 0;
    if (entry.type === 'outbound-rtp') now.out += entry.bytesSent || 0;
    if (entry.type === 'inbound-rtp' && entry.kind === 'video') now.fps = entry.framesPerSecond ?? null;
    if (entry.type === 'candidate-pair' && entry.nominated && entry.currentRoundTripTime !== undefined)
      now.trip = entry.currentRoundTripTime * 1000;
  }
  if (before && call.is('up')) {
    call.heard(now.in !== before.in, now.in > 0);
    const rate = (key) => Math.max(0, Math.round((now[key] - before[key]) * 8 / (now.t - before.t)));
    $('numbers').textContent = [
      now.fps === null ? null : `${Math.round(now.fps)} frames/s`,
      `${rate('in')} kbit/s in`, `${rate('out')} kbit/s out`,
      now.trip === null ? null : `${Math.round(now.trip)} ms round trip`,
    ].filter(Boolean).join(' · ');
  }
  before = now;
}

// ---- What is pressed

function toggle(button, on, off) {
  button.ariaPressed = button.ariaPressed === 'true' ? 'false' : 'true';
  button.textContent = button.ariaPressed === 'true' ? on : off;
  applySwitches();
}

function connected(connection, offers) {
  chatView.begin();
  texts.attach(connection, offers);
}

function renewed(connection) {
  texts.replace(connection);
}

const call = new Call({ send, changed, remote, openStream, connected, renewed });
const chatView = new ChatView($('chat'), (text) => texts.say(text));
const texts = new Chat({
  changed: (open) => chatView.enable(open),
  said: (text) => chatView.add(call.peer || 'The other side', text, 'theirs'),
});

$('callForm').addEventListener('submit', (event) => {
  event.preventDefault();
  call.call($('numberField').value.trim());
});
$('acceptBtn').addEventListener('click', () => call.accept());
$('declineBtn').addEventListener('click', () => call.decline());
$('alert').addEventListener('cancel', () => call.decline());
$('hangupBtn').addEventListener('click', () => call.hangUp());
$('micBtn').addEventListener('click', () => toggle($('micBtn'), 'Unmute microphone', 'Mute microphone'));
$('cameraBtn').addEventListener('click', () => toggle($('cameraBtn'), 'Camera on', 'Camera off'));
window.addEventListener('pagehide', () => call.hangUp());
setInterval(sample, kSampleMs);

if (!window.isSecureContext) show('Browsers give the camera to secure pages only: open this page with https.', true);
connectRelay();
