/** What stands between a person and their microphone. */

export type Hindrance = "plain http" | "browser";

/** Browsers give the microphone only to https and localhost, and some cannot record at all. */
export function hindrance(): Hindrance | null {
  if (!window.isSecureContext) return "plain http";
  const can = "mediaDevices" in navigator && "MediaRecorder" in window;
  return can ? null : "browser";
}

/** Open the microphone; what is refused is said in words a person can act on. */
export async function openMicrophone(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({
      // Speech as it is: what makes calls pleasant costs words.
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: true },
    });
  } catch (error) {
    throw new Error(REFUSALS[error instanceof DOMException ? error.name : ""] ?? REFUSED, { cause: error });
  }
}

const REFUSED = "The microphone cannot be opened. Is another program holding it?";
const REFUSALS: Record<string, string> = {
  NotAllowedError:
    "This page may not use the microphone. Allow it at the left of the address, and in the settings of the system, then try again.",
  NotFoundError: "There is no microphone. Plug one in, then try again.",
  NotReadableError: REFUSED,
};

const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

export function recordingType(): string {
  return KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) ?? "";
}

/** Tells how loud it is, from 0 to 1, on each frame; returns what ends it. */
export function watchLevel(stream: MediaStream, tell: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let frame = 0;
  const look = (): void => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    const decibels = 10 * Math.log10(sum / samples.length + 1e-9);
    tell(Math.max(0, Math.min(1, (decibels + 60) / 54)));
    frame = requestAnimationFrame(look);
  };
  look();
  return () => {
    cancelAnimationFrame(frame);
    void context.close();
  };
}
