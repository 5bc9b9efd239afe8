/**
 * The name section: names for people, never needed to compile or run. It is decoded when it is first
 * asked for. A custom section cannot make a module invalid, so what is malformed in it is ignored,
 * with all that follows.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { Reader } from "../wasm/reader.ts";

/** Names of one kind of thing, by index. */
export type NameMap = ReadonlyMap<number, string>;
/** Names of things that belong to other things (locals to functions), by both indices. */
export type IndirectNameMap = ReadonlyMap<number, NameMap>;

/** The kinds of thing that have names, by subsection. */
const mapKinds = {
  function: 1,
  type: 4,
  table: 5,
  memory: 6,
  global: 7,
  element: 8,
  data: 9,
  tag: 11,
} as const;
/** A kind of thing that has names. */
export type NameKind = keyof typeof mapKinds;
const indirectMapKinds = { local: 2, label: 3, field: 10 } as const;
/** A kind of thing that has names within another: locals and labels in functions, fields in types. */
export type IndirectNameKind = keyof typeof indirectMapKinds;

const noNames: NameMap = new Map();
const noIndirectNames: IndirectNameMap = new Map();

/** The names of a module and of what is in it. */
export class Names {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #subsections: Map<number, { start: number; end: number }> | undefined;
  readonly #maps = new Map<number, NameMap>();
  readonly #indirectMaps = new Map<number, IndirectNameMap>();

  /** The names in `bytes[start..end]`, the content of a name section. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** The name of the module. */
  get module(): string | undefined {
    let name: string | undefined;
    this.#read(0, (reader) => {
      name = reader.readName();
    });
    return name;
  }

  /** The name of a function, by its index in the module. */
  functionName(index: number): string | undefined {
    return this.map("function").get(index);
  }

  /** The name of a local of a function; parameters are the first locals. */
  localName(functionIndex: number, local: number): string | undefined {
    return this.indirectMap("local").get(functionIndex)?.get(local);
  }

  /** All names of a kind. */
  map(kind: NameKind): NameMap {
    const id = mapKinds[kind];
    let map = this.#maps.get(id);
    if (map === undefined) {
      const names = new Map<number, string>();
      this.#read(id, (reader) => readNameMap(reader, names));
      map = names.size === 0 ? noNames : names;
      this.#maps.set(id, map);
    }
    return map;
  }

  /** All names of a kind that belongs to another kind. */
  indirectMap(kind: IndirectNameKind): IndirectNameMap {
    const id = indirectMapKinds[kind];
    let map = this.#indirectMaps.get(id);
    if (map === undefined) {
      const outer = new Map<number, NameMap>();
      this.#read(id, (reader) => {
        for (let count = reader.readU32(); count > 0; count--) {
          const names = new Map<number, string>();
          outer.set(reader.readU32(), names);
          readNameMap(reader, names);
        }
      });
      map = outer.size === 0 ? noIndirectNames : outer;
      this.#indirectMaps.set(id, map);
    }
    return map;
  }

  /** Reads the content of subsection `id` as far as it is well formed. */
  #read(id: number, read: (reader: Reader) => void): void {
    const range = this.#ranges().get(id);
    if (range === undefined) return;
    ignoringMalformed(() => read(new Reader(this.#bytes, range.start, range.end)));
  }

  #ranges(): Map<number, { start: number; end: number }> {
    if (this.#subsections === undefined) {
      const ranges = new Map<number, { start: number; end: number }>();
      const reader = new Reader(this.#bytes, this.#start, this.#end);
      ignoringMalformed(() => {
        while (!reader.atEnd) {
          const id = reader.readByte();
          const size = reader.readU32();
          const start = reader.position;
          reader.skip(size);
          ranges.set(id, { start, end: start + size });
        }
      });
      this.#subsections = ranges;
    }
    return this.#subsections;
  }
}

function readNameMap(reader: Reader, names: Map<number, string>): void {
  for (let count = reader.readU32(); count > 0; count--) {
    names.set(reader.readU32(), reader.readName());
  }
}

function ignoringMalformed(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
  }
}
