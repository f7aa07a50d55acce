import xterm from "@xterm/headless";

/** What stands on an emulated terminal: every cell with its look, and what else one sees or types into. */
export interface Picture {
  readonly lines: readonly string[];
  readonly looks: readonly string[];
  readonly rest: string;
}

/** A terminal without a window, of 100 columns and 30 rows, that answers as xterm does. */
export class Emulator {
  readonly #terminal = new xterm.Terminal({ cols: 100, rows: 30, allowProposedApi: true, scrollback: 500 });

  /** Hears what the terminal answers by itself, as if typed. */
  onAnswer(listener: (text: string) => void): void {
    this.#terminal.onData(listener);
  }

  /** Shows the bytes. */
  async show(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.#terminal.write(bytes, resolve));
  }

  picture(): Picture {
    const { active, normal } = this.#terminal.buffer;
    const lines: string[] = [];
    const looks: string[] = [];
    for (let row = 0; row < active.length; row += 1) {
      const line = active.getLine(row);
      lines.push(line?.translateToString(true) ?? "");
      looks.push(Array.from({ length: this.#terminal.cols }, (_, column) => lookOf(line?.getCell(column))).join(" "));
    }
    const cursor = [active.type, active.cursorX, active.cursorY, normal.length];
    return { lines, looks, rest: JSON.stringify([cursor, this.#terminal.modes]) };
  }
}

type Cell = NonNullable<ReturnType<NonNullable<ReturnType<xterm.Terminal["buffer"]["active"]["getLine"]>>["getCell"]>>;

function lookOf(cell: Cell | undefined): string {
  if (!cell) return "-";
  const attributes = [cell.isBold(), cell.isDim(), cell.isItalic(), cell.isUnderline(), cell.isInverse(), cell.isInvisible(), cell.isStrikethrough(), cell.isBlink()];
  return [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor(), ...attributes.map(Boolean).map(Number)].join(".");
}
