/** The terminal's width; what goes elsewhere is kept to one that a page shows. */
export const columns = (): number => process.stdout.columns ?? 100;

export const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** Prints a line for the user that is no result. */
export const note = (line: string): void => void process.stderr.write(`${line}\n`);
