'use strict';

// A new connection for a call that is up, in place of one whose path is lost: an offer of the same call, of whoever
// notices first. Its messages carry `connection`, the ICE ufrag of that offer. The old connection stays until the new
// one stands.

const kRenewMs = 4000;       // a new connection that does not stand by then is given up
const kSilentSamples = 2;    // without a byte

class Renewal {
  constructor(call) {
    this.call = call;
    this.clear();
  }

  clear() {
    this.drop();
    this.link = '';  // of the call's connection; '': the first
    this.silent = 0;
  }

  drop() {
    clearTimeout(this.deadline);
    if (this.next) this.next.close();
    this.next = null;
    this.nextLink = '';
    this.early = [];
  }

  // Once a second: whether anything came.
  heard(any) {
    this.silent = any ? 0 : this.silent + 1;
    if (any && this.next && this.next.offers && !this.next.remoteDescription) this.drop();
    if (this.silent < kSilentSamples) return;
    if (!this.next) this.offer();
    else if (this.next.offers && !this.next.remoteDescription) this.describe();
  }

  isPeers(message) {
    if (message.call !== this.call.id) return false;
    return !message.from || !this.call.peer || message.from === this.call.peer ||
      sameCertificate(this.call.connection.remoteDescription, message.sdp);
  }

  make(link, offers) {
    this.drop();
    const next = this.call.make(() => this.next === next ? this.nextLink : this.call.connection === next && this.link);
    next.offers = offers;
    next.channels = offers ? [next.createDataChannel(kLabel)] : [];
    next.ondatachannel = ({ channel }) => next.channels.push(channel);
    next.ontrack = ({ streams }) => { next.theirs = streams[0]; };
    next.onconnectionstatechange = () => {
      if (this.next === next && next.connectionState === 'connected') this.take();
    };
    this.next = next;
    this.nextLink = link;
    this.deadline = setTimeout(() => this.drop(), kRenewMs);
    return next;
  }

  async offer() {
    const next = this.make('', true);
    const offer = await next.createOffer();
    if (this.next !== next) return;
    this.nextLink = /^a=ice-ufrag:(\S+)/m.exec(offer.sdp)[1];  // before any candidate comes
    await next.setLocalDescription(offer);
    if (this.next === next) this.describe();
  }

  describe() {
    if (this.next && this.next.localDescription) this.call.describe(this.next, this.nextLink);
  }

  // True: it was about a new connection.
  onOffer(message) {
    const { call } = this;
    if (!call.is('up') || !message.connection || !this.isPeers(message)) return false;
    call.follow(message);
    if (message.connection === this.link) call.describe(call.connection, this.link);
    else if (message.connection === this.nextLink) this.describe();
    else if (this.next && this.next.offers && call.offers) this.describe();  // the caller's counts
    else this.answer(message);
    return true;
  }

  async answer(message) {
    const next = this.make(message.connection, false);
    try {
      await next.setRemoteDescription(message.sdp);
      await this.takeEarly(next);
      await next.setLocalDescription(await next.createAnswer());
    } catch {
      if (this.next === next) this.drop();
      return;
    }
    if (this.next === next) this.describe();
  }

  async onAnswer(message) {
    const { next } = this;
    if (!next || !next.offers || message.connection !== this.nextLink || !this.isPeers(message)) return;
    this.call.follow(message);
    await next.setRemoteDescription(message.sdp).then(() => this.takeEarly(next)).catch(() => this.drop());
  }

  // True: it was for the new connection, or for one that is no more.
  onCandidate(message) {
    if (!message.connection || message.connection === this.link) return false;
    if (!this.next || message.connection !== this.nextLink) return true;
    if (!this.next.remoteDescription) this.early.push(message.candidate);
    else this.next.addIceCandidate(message.candidate).catch(() => {});
    return true;
  }

  async takeEarly(next) {
    for (const candidate of this.early.splice(0)) await next.addIceCandidate(candidate).catch(() => {});
  }

  // It stands.
  take() {
    clearTimeout(this.deadline);
    const { next } = this;
    this.next = null;
    this.link = this.nextLink;
    this.nextLink = '';
    this.silent = 0;
    this.call.replace(next);
  }
}

// Whether it shows no certificate but those of before.
function sameCertificate(before, now) {
  const prints = ({ sdp }) => (sdp.match(/^a=fingerprint:\S+ \S+/gm) || []).map((line) => line.toLowerCase());
  const known = prints(before);
  const shown = prints(now);
  return shown.length > 0 && shown.every((print) => known.includes(print));
}
