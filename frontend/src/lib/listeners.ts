/** Who wants to hear of changes of something outside React. */
export class Listeners {
  private readonly all = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.all.add(listener);
    return () => this.all.delete(listener);
  };

  protected tell(): void {
    for (const listener of this.all) listener();
  }
}
