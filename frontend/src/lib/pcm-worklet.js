/* global AudioWorkletProcessor, registerProcessor */
/** Runs beside the page: hands on what the microphone hears as 16-bit samples, a tenth of a second at a time. */
class Pcm extends AudioWorkletProcessor {
  constructor({ processorOptions: { size } }) {
    super();
    this.size = size;
    this.samples = new Int16Array(size);
    this.count = 0;
  }

  process([[channel]]) {
    for (const sample of channel ?? []) {
      const clipped = Math.max(-1, Math.min(1, sample));
      this.samples[this.count] = Math.round(clipped * 32767);
      this.count += 1;
      if (this.count === this.size) {
        this.port.postMessage(this.samples.buffer, [this.samples.buffer]);
        this.samples = new Int16Array(this.size);
        this.count = 0;
      }
    }
    return true;
  }
}

registerProcessor("pcm", Pcm);
