/**
 * A whole number below 2³¹ as the engine's small integer: the one home of the rule that offsets, lengths and counts are int32.
 *
 * JavaScriptCore has two representations of a whole number. It compiles a DataView read at an int32 offset to one load, and
 * leaves the compiled code when an offset arrives as a double (BadType); after a few such exits the read is a call of the host
 * for the life of the process, at ten times the cost. A double comes of any arithmetic that the compiler does as one: a product
 * with a factor that was a double once, `Math.min` and `Math.floor` of such, a sequence put together from two words. It stays one
 * although it is whole, and hands its representation on to all that is computed from it.
 *
 * So every offset, length and count passes through here where it enters the hot path (a chunk into the parser, a range into the
 * frames) or comes back from code that computes with sequences. Sequences themselves may be doubles: nothing reads memory at
 * one, and what is computed from one is no offset until it has passed through here.
 */
export function int32(n: number): number {
  return n | 0;
}
