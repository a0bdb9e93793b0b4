/** Tells what the host says back of what this window told it from what comes from another window. */
export class OwnEchoes {
  /** Told and not yet said back, in order. */
  private sent: (string | null)[] = [];
  private unanswered = 0;

  tell(text: string | null): void {
    this.sent.push(text);
    this.unanswered += 1;
  }

  /**
   * The host has answered one of them. What it says after its last answer is the end of it, which the caller knows by itself; what it
   * left out on the way will not come any more.
   */
  answered(): void {
    this.unanswered -= 1;
    if (this.unanswered === 0) this.sent = [];
  }

  /**
   * Whether it is ours. The host says a part of what it was told, in order: the earliest that fits is meant, or a text that was told twice
   * would make everything between foreign.
   */
  take(text: string | null): boolean {
    const at = this.sent.indexOf(text);
    if (at < 0) return false;
    this.sent.splice(0, at + 1);
    return true;
  }

  /** Another project: nothing of the old one is said any more. */
  forget(): void {
    this.sent = [];
  }
}
