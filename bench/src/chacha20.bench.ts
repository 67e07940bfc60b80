// How fast does a key become random bytes? Client encryption is bound by it. ChaCha20 by OpenSSL and by the WebAssembly kernel
// of the web platform, with AES-128-CTR beside them, the alternative (docs/decisions/chacha20-in-platform.md).
import { createCipheriv } from 'node:crypto';
import { nodePrimitives } from '@sumus/platform/node';
import { loadWebPrimitives } from '@sumus/platform/web';
import { type Contestant, measure, once } from './measure.ts';
import { type Bench, composeReport } from './report.ts';

const key = Uint8Array.from({ length: 32 }, (_, at) => at);
const nonce = new Uint8Array(12);

function aesCounterMode(out: Uint8Array): void {
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), new Uint8Array(16));
  const zeros = new Uint8Array(Math.min(out.length, 1 << 16));
  for (let at = 0; at < out.length; at += zeros.length) {
    out.set(cipher.update(zeros.subarray(0, Math.min(zeros.length, out.length - at))), at);
  }
}

export const chacha20: Bench = {
  name: 'chacha20',
  question: 'How fast does a key become random bytes: ChaCha20 of each platform, AES-128-CTR beside it?',
  async run(options) {
    const sizeBytes = options.smoke ? 1 << 12 : 1 << 20;
    const out = new Uint8Array(sizeBytes);
    const node = nodePrimitives();
    const web = await loadWebPrimitives();
    const contestants: Contestant[] = [
      { name: 'ChaCha20, Node (OpenSSL)', work: () => node.chacha20(key, nonce, 0, out) },
      { name: 'ChaCha20, web (WebAssembly SIMD)', work: () => web.chacha20(key, nonce, 0, out) },
      { name: 'AES-128-CTR, Node (OpenSSL)', work: () => aesCounterMode(out) },
    ];
    options.say(`filling ${sizeBytes} bytes, ${contestants.length} ways`);
    const timings = await measure(contestants, options.smoke ? once : { rounds: 15, sampleMs: 20 });
    const results = timings.map((timing) => ({
      name: timing.name,
      sizeBytes,
      cpuMsMedian: timing.cpuMs.median,
      cpuMsMinimum: timing.cpuMs.minimum,
      wallMsMedian: timing.wallMs.median,
      wallMsMinimum: timing.wallMs.minimum,
      gigabytesPerCpuSecond: timing.cpuMs.minimum > 0 ? sizeBytes / timing.cpuMs.minimum / 1e6 : null,
    }));
    return composeReport({ bench: 'chacha20', options, targets: [], results, outcomes: new Map() });
  },
};
