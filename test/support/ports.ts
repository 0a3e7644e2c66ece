/** Ports for programs that must be told theirs. Test files run side by side, so nobody may take what another one has. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** A block of ports that belongs to this process until it releases it or dies. */
export interface PortBlock {
  readonly sip: number;
  readonly ari: number;
  readonly ami: number;
  readonly http: number;
  /** First and last. */
  readonly rtp: readonly [number, number];
  release(): void;
}

/** Above the ports of a default home, below those that the kernel hands out (32768 and up). */
const firstBlock = 20_000;
const blockSize = 1_000;
const blocks = 12;

/**
 * Takes a free block. The block's first port is held open as the lock: it goes free with the process, and a stranger who
 * has it (or the block's SIP port) merely costs this block.
 */
export async function takePorts(): Promise<PortBlock> {
  for (let index = 0; index < blocks; index++) {
    // Start somewhere else in each process, so that leftovers of the last run have time to go.
    const first = firstBlock + ((index + process.pid) % blocks) * blockSize;
    const lock = await listen(first);
    if (lock === null) continue;
    const free = await Promise.all([1, 2, 3, 4].map((offset) => isFree(first + offset)));
    if (free.includes(false)) {
      lock.close();
      continue;
    }
    lock.unref();
    return {
      sip: first + 1,
      ari: first + 2,
      ami: first + 3,
      http: first + 4,
      rtp: [first + 100, first + blockSize - 1],
      release: () => void lock.close(),
    };
  }
  throw new Error(`all ${blocks} port blocks from ${firstBlock} on are taken: do other tests still run?`);
}

/** A UDP port that was free a moment ago. */
export async function freeUdpPort(address = "127.0.0.1"): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, address);
  await once(socket, "listening");
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** A TCP port that was free a moment ago. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  return address.port;
}

async function listen(port: number): Promise<Server | null> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return server;
  } catch {
    return null;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  server?.close();
  const socket = createSocket("udp4");
  socket.bind(port, "127.0.0.1");
  const udp = await once(socket, "listening").then(
    () => true,
    () => false,
  );
  socket.close();
  return server !== null && udp;
}
