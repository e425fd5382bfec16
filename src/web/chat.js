'use strict';

// What the two sides write to each other: a data channel (RFC 8831) beside the call's media. Ours is called
// "chat"; of the other side's, every one is read, and the first that is open is written to. callagent has the
// same label and the same limits.

const kLabel = 'chat';
const kMaxText = 16000;         // bytes; a longer one that comes is cut
const kMaxChannels = 8;
const kMaxBuffered = 1000000;   // bytes that the other side has not taken yet
const kMaxLines = 200;          // that the log keeps

class Chat {
  // `changed(open)`; `said(text)`: the other side's.
  constructor({ changed, said }) {
    Object.assign(this, { changed, said });
    this.channels = [];
  }

  // Once for each connection, before its offer is made: whoever offers makes the channel.
  attach(connection, offers) {
    this.close();
    connection.ondatachannel = ({ channel }) => this.take(channel);
    if (offers) this.take(connection.createDataChannel(kLabel));
  }

  // By a connection that has made, or been given, its channels before it stood.
  replace(connection) {
    this.close();
    connection.ondatachannel = ({ channel }) => this.take(channel);
    for (const channel of connection.channels) this.take(channel);
  }

  take(channel) {
    if (this.channels.length >= kMaxChannels) return;
    const all = this.channels;  // of this connection: what a former one says does not count
    all.push(channel);
    const changed = () => all === this.channels && this.changed(this.open() !== undefined);
    channel.onopen = channel.onclose = changed;
    channel.onmessage = ({ data }) => {
      if (all === this.channels && typeof data === 'string') this.said(cut(data));
    };
    changed();
  }

  open() { return this.channels.find((channel) => channel.readyState === 'open'); }

  // What is wrong, or ''.
  say(text) {
    const channel = this.open();
    if (!channel) return 'Nobody is there to read it.';
    if (bytes(text).length > kMaxText) return `Too long: a message has up to ${kMaxText} bytes.`;
    if (channel.bufferedAmount > kMaxBuffered) return 'The other side does not take what was sent already.';
    channel.send(text);
    return '';
  }

  close() {
    this.channels = [];
    this.changed(false);
  }
}

function bytes(text) { return new TextEncoder().encode(text); }

// At the end of a character, not within it.
function cut(text) {
  const all = bytes(text);
  return all.length <= kMaxText ? text : new TextDecoder().decode(all.subarray(0, kMaxText), { stream: true });
}

// ---- The log and the field

class ChatView {
  // `element`: the section. `say(text)`: what is wrong, or ''.
  constructor(element, say) {
    this.element = element;
    this.log = element.querySelector('[role=log]');
    this.field = element.querySelector('input');
    this.error = element.querySelector('[role=status]');
    element.querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.field.value.trim();
      if (!text) return;
      this.error.textContent = say(text);
      if (this.error.textContent) return;
      this.add('You', text, 'mine');
      this.field.value = '';
    });
  }

  // A call begins: what was written in the last one stayed until now.
  begin() {
    this.element.hidden = false;
    this.log.replaceChildren();
    this.error.textContent = '';
  }

  // The last call is over: what was written can still be read.
  end() {
    this.element.hidden = !this.log.childElementCount;
  }

  enable(open) {
    for (const control of this.element.querySelectorAll('input, button')) control.disabled = !open;
    this.field.placeholder = open ? '' : 'Not connected';
  }

  add(who, text, side) {
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
    const line = document.createElement('p');
    line.className = side;
    const name = document.createElement('b');
    name.textContent = `${who}: `;
    const said = document.createElement('span');
    said.dir = 'auto';
    said.textContent = text;
    line.append(name, said);
    this.log.append(line);
    while (this.log.childElementCount > kMaxLines) this.log.firstChild.remove();
    if (atEnd || side === 'mine') this.log.scrollTop = this.log.scrollHeight;  // not while somebody reads further up
  }
}
