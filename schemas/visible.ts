/** What a file, a server or a command line holds, for one line of a terminal: line breaks and what else would steer it show as `?`. */
export function visible(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "?");
}
