/** Every error this library throws: one family, one grammar, one class for each thing a caller can do about it. */

/** What went wrong, in the four parts of the message `where: expected X, got Y — hint`. */
export interface Fault {
  /** The layer, option, file part or symbol at fault, for example `1.lstm` or `windows.batch`. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The family; never thrown itself. */
export abstract class RecurraError extends Error implements Fault {
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly hint: string | undefined;

  constructor({ where, expected, got, hint, cause }: Fault) {
    super(`${where}: expected ${expected}, got ${got}${hint ? ` — ${hint}` : ""}`, { cause });
    this.where = where;
    this.expected = expected;
    this.got = got;
    this.hint = hint;
  }
}

/** A definition, an option or data that cannot be used as given: mend the call. */
export class InputError extends RecurraError {
  override readonly name = "InputError";
}

/** Bytes that are not what they claim to be: mend the file. */
export class FormatError extends RecurraError {
  override readonly name = "FormatError";
}

/** This host cannot run the engine, or has no more memory for it or room for its files: change the host or ask for less. */
export class EngineError extends RecurraError {
  override readonly name = "EngineError";
}

/** Training met a number that is not finite; the weights are as they were before the step: lower the rate or mend the data. */
export class DivergedError extends RecurraError {
  override readonly name = "DivergedError";
  /** The step that was not applied, counted from 0. */
  readonly step: number;
  /** The first operation whose result was not finite, for example `1.lstm lstmForward`. */
  readonly operation: string;
  /** What was not finite first, for example `1.lstm.weightHidden`, `input`, `gradient of 1.lstm's input`. */
  readonly tensor: string;

  constructor(fault: Fault & { readonly step: number; readonly operation: string; readonly tensor: string }) {
    super(fault);
    this.step = fault.step;
    this.operation = fault.operation;
    this.tensor = fault.tensor;
  }
}
