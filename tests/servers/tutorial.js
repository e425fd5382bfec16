// The tutorial's signaling server with the gaps of its text closed: the page's files, and every message
// passed on to everybody else.
//
//   node tutorial.js [--socketio 2|3|4] [--port N] [--public DIR] [--ping-interval MS] [--ping-timeout MS]
//
// Prints "listening PORT" once it listens (--port 0: any free one), and ends with its standard input, so
// that it cannot outlive the test that started it.
const { parseArgs } = require('node:util');

const { values: options } = parseArgs({
  options: {
    socketio: { type: 'string', default: '2' },
    port: { type: 'string', default: '3000' },
    public: { type: 'string' },
    'ping-interval': { type: 'string' },
    'ping-timeout': { type: 'string' },
  },
});

//Load express and server
const express = require('express');
const app = express();
const server = require('http').Server(app);

//Setup app to use public folder to serve static files
if (options.public) app.use(express.static(options.public));

//Activate socket server (listen() is gone from 3 on)
const socketio = require(`socket.io-${options.socketio}`);
const heartbeat = {};
if (options['ping-interval']) heartbeat.pingInterval = Number(options['ping-interval']);
if (options['ping-timeout']) heartbeat.pingTimeout = Number(options['ping-timeout']);
const io = options.socketio === '2' ? socketio.listen(server, heartbeat) : socketio(server, heartbeat);

//client list
const clients = {};

//Fires when a new socket io connection has been detected.
io.sockets.on('connection', (socket) => {
  //Save User
  clients[socket.id] = { socket };
  //Add dispatchEvent to listeners
  socket.on('dispatchEvent', (data) => {
    for (const i in clients) {
      if (socket.id != i) clients[i].socket.emit('onEvent', data);
    }
  });
  //Fires when a client has disconnected
  socket.on('disconnect', () => {
    clients[socket.id] = undefined;
    delete clients[socket.id];
  });
});

//Start and listen on server
server.listen(Number(options.port), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`);
});

process.stdin.on('end', () => process.exit(0)).resume();
