/** Ranges of floats that the plan names before they have an address. */
import { type Address, LINE, roundUp } from "../engine/address.js";

/** A range of memory. Its address is given by the layout of a plan or by a region. */
export interface Span {
  readonly name: string;
  /** Length in floats, a multiple of 16. */
  readonly count: number;
  /**
   * `temporary`: may share memory with others; `kept`: keeps its contents between runs; `given`: written by the host;
   * `scratch`: without meaning outside of a call, and every thread has its own.
   */
  readonly role: "temporary" | "kept" | "given" | "scratch";
  /** What it holds: float32, or uint32 words that must not be read as numbers. */
  readonly holds: "floats" | "words";
  address: Address | undefined;
}

/** A place inside a span, `offset` floats from its start. */
export interface Place {
  readonly span: Span;
  readonly offset: number;
}

/** A span of at least `count` floats without an address yet. */
export function span(name: string, count: number, options: Partial<Pick<Span, "role" | "holds">> = {}): Span {
  const { role = "temporary", holds = "floats" } = options;
  return { name, count: roundUp(count, LINE), role, holds, address: undefined };
}

/** The place `offset` floats into a span. */
export function place(span: Span, offset = 0): Place {
  return { span, offset };
}

/** The place `floats` behind another. */
export function shift({ span, offset }: Place, floats: number): Place {
  return { span, offset: offset + floats };
}

/** The address of a place whose span has one. */
export function addressOf({ span, offset }: Place): Address {
  if (span.address === undefined) throw new Error(`span ${span.name} has no address yet`);
  return (span.address + offset * 4) as Address;
}
