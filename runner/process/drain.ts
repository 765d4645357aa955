/** A stream that is being read to its end. */
export interface Drain {
  /** Waits for the end of the stream, `ms` at most, and then lets go of it. */
  finish(ms: number): Promise<void>;
}

/** Reads a stream as fast as it comes, keeping nothing, so that the writer never blocks on a full pipe. */
export function drain(stream: ReadableStream<Uint8Array>, onChunk: (chunk: Uint8Array) => void): Drain {
  const reader = stream.getReader();
  const ended = (async () => {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        onChunk(value);
      }
    } catch {
      // The pipe broke with its process: nothing more will come.
    }
  })();
  return {
    finish: async (ms) => {
      const timer = setTimeout(() => void reader.cancel().catch(() => {}), ms);
      await ended;
      clearTimeout(timer);
    },
  };
}
