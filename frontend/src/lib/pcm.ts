/** What the microphone hears, as samples on their way. */

/** Samples a second; what engines hear, so that nothing has to be made of it twice. */
export const RATE = 16_000;
const EACH = RATE / 10;

/** Tells of 16-bit samples, mono, as they come; returns what ends it. */
export async function watchSamples(
  stream: MediaStream,
  tell: (samples: ArrayBuffer) => void,
): Promise<() => void> {
  const context = new AudioContext({ sampleRate: RATE });
  try {
    await context.audioWorklet.addModule(new URL("./pcm-worklet.js", import.meta.url).href);
    const node = new AudioWorkletNode(context, "pcm", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions: { size: EACH },
    });
    node.port.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      tell(data);
    };
    context.createMediaStreamSource(stream).connect(node);
  } catch (error) {
    void context.close();
    throw error;
  }
  return () => {
    if (context.state !== "closed") void context.close();
  };
}

/** Bytes as text, as JSON takes them. */
export function base64Of(bytes: ArrayBuffer): string {
  let letters = "";
  for (const byte of new Uint8Array(bytes)) letters += String.fromCharCode(byte);
  return btoa(letters);
}
