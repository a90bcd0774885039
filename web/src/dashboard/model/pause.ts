// A pause of all that a loader sends: longer each time it is needed anew, until something is answered.

/** The shortest and the longest pause, in milliseconds. */
const shortest = 1000;
const longest = 60_000;

export class Pause {
  /** When it is over, in milliseconds since 1970; 0 where there is none. */
  until = 0;
  private streak = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiting: (() => void)[] = [];

  constructor(private readonly now: () => number) {}

  /** Begins a pause, or makes it last until the time that is given, at most a minute. */
  begin(until = 0): void {
    const now = this.now();
    if (this.until === 0) this.streak++;
    const wanted = until > now ? Math.max(until, now + shortest) : now + shortest * 2 ** Math.min(this.streak - 1, 10);
    this.lengthen(Math.min(wanted, now + longest), now);
  }

  private lengthen(wanted: number, now: number): void {
    if (wanted <= this.until) return;
    this.until = wanted;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end(), wanted - now);
  }

  /** How many seconds of it are left. */
  left(): number {
    return Math.max(0, this.until - this.now()) / 1000;
  }

  /** Says that something was answered: the next pause is a short one. */
  answered(): void {
    if (this.until === 0) this.streak = 0;
  }

  /** Ends it now. */
  end(): void {
    clearTimeout(this.timer);
    this.until = 0;
    const waiting = this.waiting;
    this.waiting = [];
    for (const go of waiting) go();
  }

  /** Resolves when it is over; at once where there is none. */
  over(): Promise<void> {
    return this.until === 0 ? Promise.resolve() : new Promise((done) => this.waiting.push(done));
  }
}
