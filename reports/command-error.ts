import { visible } from "../schemas/visible.ts";

/** A mistake of the user: printed in one line, exit code 2. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";

  constructor(message: string, options?: ErrorOptions) {
    super(visible(message), options);
  }
}
