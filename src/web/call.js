'use strict';

// A call as the relay's messages make it: who offers, who answers, and why it ended. It has no elements
// of the page; page.js gives it the camera's stream and shows what it says.
//
//   idle ─call()→ calling ─answer→ connecting ─media→ up          any ─bye, left, failure→ idle
//    └──offer──→ alerting ─accept()→ connecting

const kReofferMs = 3000;    // somebody may have come who did not get it
const kAnswerMs = 30000;    // nobody answers
const kConnectMs = 15000;   // no way to each other
const kGoneSamples = 4;     // of silence, after which a peer that left the server is gone; a new connection has as long
const kMaxCandidates = 256;

class Call {
  // `send(message)`; `changed(state, sentence, isError)`; `remote(stream or null)`; `openStream()` → promise;
  // `connected(connection, offers)`: a new one, before it says anything; `renewed(connection)`: another, of a call
  // that goes on.
  constructor({ send, changed, remote, openStream, connected, renewed }) {
    Object.assign(this, { send, changed, remote, openStream, connected, renewed });
    this.state = 'idle';
    this.renewal = new Renewal(this);
    this.answerMs = kAnswerMs;
    this.clear();
  }

  clear() {
    clearInterval(this.reoffer);
    clearTimeout(this.deadline);
    this.left = false;    // the server, without a word
    this.quiet = 0;       // seconds since then without a byte
    this.renewal.clear();
    this.connection = null;
    this.offers = false;  // we called
    this.id = '';
    this.peer = '';       // number
    this.wanted = '';     // whom we called; '': anyone
    this.offer = null;    // the peer's, while it rings here
    this.early = [];      // candidates that came before what they belong to
  }

  is(...states) { return states.includes(this.state); }

  enter(state, sentence, isError = false) {
    this.state = state;
    this.changed(state, sentence, isError);
  }

  say(message) {
    const to = this.peer || this.wanted;
    this.send({ ...message, call: this.id, ...(to && { to }) });
  }

  // ---- What the user does

  async call(number) {
    if (!this.is('idle')) return;
    this.id = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2);
    this.wanted = number;
    this.enter('calling', number ? `Calling ${number}…` : 'Calling…');
    const id = this.id;
    this.offers = true;
    const connection = await this.connect();
    if (!connection || this.id !== id) return;
    await connection.setLocalDescription(await connection.createOffer());
    if (this.id !== id) return;
    this.describe();
    this.reoffer = setInterval(() => this.describe(), kReofferMs);
    this.expect(this.answerMs, number ? `${number} does not answer.` : 'Nobody answers: is somebody else there?');
  }

  async accept() {
    if (!this.is('alerting')) return;
    const { id, offer } = this;
    this.enter('connecting', 'Connecting…');
    const connection = await this.connect();
    if (!connection || this.id !== id) return;
    try {
      await connection.setRemoteDescription(offer);
      await this.takeEarly();
      await connection.setLocalDescription(await connection.createAnswer());
    } catch (error) {
      this.say({ type: 'bye', reason: 'negotiation' });
      return this.end(`The call cannot be taken: ${error.message}`, true);
    }
    this.describe();
    this.expect(kConnectMs, 'No way to the other side was found.');
  }

  decline() {
    if (!this.is('alerting')) return;
    this.say({ type: 'reject', reason: 'declined' });
    this.end('Declined.');
  }

  hangUp() {
    if (this.is('idle')) return;
    this.say({ type: 'bye', reason: 'hangup' });
    this.end('You hung up.');
  }

  // ---- What the relay says

  handle(message) {
    const handler = {
      sdp: 'onOffer', sdpRemote: 'onAnswer', candidate: 'onCandidate', ringing: 'onRinging', busy: 'onBusy',
      reject: 'onReject', bye: 'onBye', joined: 'onJoined', left: 'onLeft', unknown: 'onUnknown',
    }[message.type];
    if (handler) return this[handler](message);
  }

  ours(message) {
    if (message.call && message.call !== this.id) return false;
    return !message.from || !this.peer || message.from === this.peer;
  }

  onOffer(message) {
    if (!message.sdp || typeof message.sdp.sdp !== 'string') return;
    if (this.renewal.onOffer(message)) return;
    if (this.is('idle')) {
      this.id = message.call || '';
      this.peer = message.from || '';
      this.offer = message.sdp;
      this.say({ type: 'ringing' });
      return this.enter('alerting', this.peer ? `${this.peer} calls you.` : 'Somebody calls you.');
    }
    if (this.ours(message)) {  // again, because our answer is not there yet
      if (this.connection && this.connection.localDescription && this.connection.localDescription.type === 'answer')
        this.describe();
      return;
    }
    if (message.from && message.call && !this.is('calling'))
      this.send({ type: 'busy', to: message.from, call: message.call });
  }

  async onAnswer(message) {
    if (this.is('up') && message.sdp && typeof message.sdp.sdp === 'string') return this.renewal.onAnswer(message);
    if (!this.is('calling') || !this.connection || !this.ours(message)) return;
    if (this.wanted && message.from && message.from !== this.wanted) return;
    clearInterval(this.reoffer);
    this.peer = message.from || '';
    this.enter('connecting', 'Connecting…');
    this.expect(kConnectMs, 'No way to the other side was found.');
    try {
      await this.connection.setRemoteDescription(message.sdp);
      await this.takeEarly();
    } catch (error) {
      this.say({ type: 'bye', reason: 'negotiation' });
      this.end(`The answer cannot be used: ${error.message}`, true);
    }
  }

  async onCandidate(message) {
    if (!message.candidate || !this.ours(message) || this.is('idle')) return;
    if (this.renewal.onCandidate(message)) return;
    if (!this.connection || !this.connection.remoteDescription) {
      if (this.early.length < kMaxCandidates) this.early.push(message);
      return;
    }
    await this.connection.addIceCandidate(message.candidate).catch(() => {});
  }

  onRinging(message) {
    if (this.is('calling') && this.ours(message))
      this.changed(this.state, message.from ? `Ringing at ${message.from}…` : 'Ringing…', false);
  }

  onBusy(message) {
    if (this.is('calling') && message.call === this.id && this.wanted)
      this.end(`${message.from || 'The other side'} is busy.`, true);
  }

  onReject(message) {
    if (this.is('calling') && message.call === this.id)
      this.end(`${message.from || 'The other side'} declined the call.`, true);
  }

  onBye(message) {
    if (this.is('idle') || !this.ours(message)) return;
    const who = message.from || this.peer || 'The other side';
    if (this.is('calling') && !this.wanted && message.call !== this.id) return;
    this.end(this.is('up', 'alerting') ? `${who} hung up.` : `${who} hung up before the call stood.`, !this.is('up', 'alerting'));
  }

  onJoined(message) {
    if (this.is('calling') && (!this.wanted || this.wanted === message.id)) this.describe();
  }

  onLeft(message) {
    if (this.is('idle') || !this.peer || message.id !== this.peer) return;
    if (this.is('up')) this.left = true;
    else this.end(`${this.peer} left.`);
  }

  // Once a second while the call is up: whether anything came, and whether anything ever did. Who has left the server
  // may come again, from another address perhaps, and is gone only when nothing comes from it either.
  heard(any, ever) {
    if (ever) this.renewal.heard(any);
    if (!this.left) return;
    this.quiet = any ? 0 : this.quiet + 1;
    if (this.quiet >= kGoneSamples) this.end(`${this.peer} left.`);
  }

  onUnknown(message) {
    if (this.is('calling') && message.id === this.wanted) this.end(`Nobody has number ${message.id}.`, true);
  }

  // ---- The connection

  async connect() {
    const id = this.id;
    let stream;
    try {
      stream = await this.openStream();
    } catch (error) {
      if (this.id !== id) return null;
      this.say(this.offer ? { type: 'reject', reason: 'no camera or microphone' } : { type: 'bye', reason: 'error' });
      this.end(error.message, true);
      return null;
    }
    if (this.id !== id) return null;  // hung up meanwhile
    await this.certify();
    if (this.id !== id) return null;
    this.stream = stream;
    const connection = this.make(() => this.connection === connection && '');
    this.connected(connection, !this.offer);
    connection.ontrack = ({ streams }) => this.remote(streams[0]);
    this.use(connection);
    return connection;
  }

  // The same for every connection: it tells the other side that we are who we were.
  async certify() {
    this.certificate = this.certificate ||
      await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' });
  }

  // `link()`: Message `connection` of its candidates, or false where it is not in use any more.
  make(link) {
    const connection = new RTCPeerConnection({
      iceServers: [{ urls: 'stun:stun.l.google.com:19302' }], certificates: [this.certificate] });
    for (const track of this.stream.getTracks()) connection.addTrack(track, this.stream);
    connection.onicecandidate = ({ candidate }) => {
      const connectionOf = link();
      if (candidate && connectionOf !== false)
        this.say({ type: 'candidate', candidate, ...(connectionOf && { connection: connectionOf }) });
    };
    return connection;
  }

  use(connection) {
    this.connection = window.rtcConnection = connection;
    connection.onconnectionstatechange = () => {
      if (this.connection !== connection) return;
      if (connection.connectionState === 'connected') {
        clearTimeout(this.deadline);
        this.enter('up', this.peer ? `In a call with ${this.peer}.` : 'In a call.');
      } else if (connection.connectionState === 'disconnected') {
        this.changed(this.state, 'The connection is interrupted…', true);
      } else if (connection.connectionState === 'failed' || connection.connectionState === 'closed') {
        if (this.renewal.next) return;
        this.say({ type: 'bye', reason: 'ice' });
        this.end('The connection was lost.', true);
      }
    };
  }

  // Another connection of the call stands.
  replace(connection) {
    const former = this.connection;
    former.onconnectionstatechange = null;
    this.use(connection);
    this.remote(connection.theirs);
    this.renewed(connection);
    former.close();
    this.enter('up', this.peer ? `In a call with ${this.peer}.` : 'In a call.');
  }

  // The other side is there, perhaps with another number than before.
  follow(message) {
    this.left = false;
    this.quiet = 0;
    if (message.from) this.peer = message.from;
  }

  // Our description and what candidates there are, for whoever did not get them.
  describe(connection = this.connection, link = this.renewal.link) {
    const description = connection && connection.localDescription;
    if (description)
      this.say({ type: description.type === 'offer' ? 'sdp' : 'sdpRemote', sdp: description,
                 ...(link && { connection: link }) });
  }

  async takeEarly() {
    for (const message of this.early.splice(0))
      if (this.ours(message)) await this.connection.addIceCandidate(message.candidate).catch(() => {});
  }

  expect(ms, sentence) {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => {
      this.say({ type: 'bye', reason: 'hangup' });
      this.end(sentence, true);
    }, ms);
  }

  end(sentence, isError = false) {
    if (this.connection) {
      this.connection.onconnectionstatechange = null;
      this.connection.close();
    }
    this.clear();
    this.remote(null);
    this.enter('idle', sentence, isError);
  }
}
