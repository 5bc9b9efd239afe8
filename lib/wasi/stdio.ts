/**
 * Standard input, output and error, through Deno's own functions: most programs need nothing else
 * of the host. They are streams whatever is behind them, as in Wasmtime: a program cannot seek in a
 * file that its input was redirected to.
 *
 * The non-blocking mode is kept here and never set on the host's descriptor, which the user's shell
 * and other programs share.
 *
 * @module
 */
import { FileType } from "./abi.ts";
import { errnoOfError, fail, Failure } from "./failure.ts";
import type { FileStat, HostFile } from "./host/host.ts";
import { sleep } from "./sleep.ts";

/** What a program's input comes from; `Deno.stdin` and `Deno.FsFile` are such. */
export interface InputStream {
  /** Reads something, waiting for it; null at the end. */
  readSync(into: Uint8Array): number | null;
}

/** What a program's output goes to; `Deno.stdout` and `Deno.FsFile` are such. */
export interface OutputStream {
  /** Writes something and returns how many bytes. */
  writeSync(from: Uint8Array): number;
}

/** What Deno cannot do with a descriptor of the host: see `patience.ts`. */
export interface Patience {
  /** Whether something can be read, or the end was reached, within some ms. */
  isReadable(descriptor: number, milliseconds: number): boolean;
  /** Whether something can be written within some ms. */
  isWritable(descriptor: number, milliseconds: number): boolean;
  /** Writes something, also where the descriptor does not wait, and returns how many bytes. */
  write(descriptor: number, from: Uint8Array<ArrayBuffer>): number;
}

/** What is ready for writing has room for so many bytes. */
const PIPE_BUF = 4096;
/** ms between attempts without {@linkcode Patience}. */
const RETRY_WAIT = 10;

/** What the three streams have in common. */
abstract class StandardStream implements HostFile {
  readonly isStream = true;
  #type: number | undefined;
  #nonblock = false;

  /**
   * @param descriptor 0, 1 or 2
   * @param hosts the host's own stream when it is that
   * @param patience undefined where calls always wait, or the C library cannot be used
   */
  protected constructor(
    readonly descriptor: number,
    readonly hosts: { isTerminal(): boolean } | undefined,
    protected readonly patience: Patience | undefined,
  ) {}

  get type(): number {
    return this.#type ??= this.hosts?.isTerminal() ? FileType.characterDevice : FileType.unknown;
  }
  get pollDescriptor(): number {
    return this.hosts === undefined ? -1 : this.descriptor;
  }

  read(_into: Uint8Array<ArrayBuffer>): number {
    return fail("badf");
  }
  write(_from: Uint8Array<ArrayBuffer>): number {
    return fail("badf");
  }

  /** Whether calls must not wait. */
  protected get mustNotWait(): boolean {
    return this.#nonblock && this.hosts !== undefined;
  }
  setFlags({ nonblock }: { readonly nonblock: boolean }): void {
    if (nonblock && this.hosts !== undefined && this.patience === undefined) fail("notsup");
    this.#nonblock = nonblock;
  }
  stat(stat: FileStat): void {
    // Each is a file of its own, so that programs that compare their input with their output do
    // not find them to be the same.
    stat.dev = 0n;
    stat.ino = BigInt(this.descriptor) + 1n;
    stat.type = this.type;
    stat.nlink = 1n;
    stat.size =
      stat.atim =
      stat.mtim =
      stat.ctim =
        0n;
  }
  /** Nothing is held back here. */
  sync(): void {}
  /** The host's stays open for the host. */
  close(): void {}

  readAt(): number {
    return fail("spipe");
  }
  writeAt(): number {
    return fail("spipe");
  }
  seek(): bigint {
    return fail("spipe");
  }
  setSize(): void {
    fail("inval");
  }
  allocate(): void {
    fail("spipe");
  }
  advise(): void {
    fail("spipe");
  }
  setTimes(): void {
    fail("notsup");
  }
}

/** Standard input. */
export class StandardInput extends StandardStream {
  readonly #source: InputStream;

  /** @param given where it comes from; the host's own when undefined */
  constructor(given: InputStream | undefined, patience?: Patience) {
    super(0, given === undefined ? Deno.stdin : undefined, patience);
    this.#source = given ?? Deno.stdin;
  }

  override read(into: Uint8Array<ArrayBuffer>): number {
    const { mustNotWait, patience, descriptor } = this;
    for (;;) {
      if (mustNotWait && !patience?.isReadable(descriptor, 0)) fail("again");
      try {
        return this.#source.readSync(into) ?? 0;
      } catch (error) {
        // Whoever started us may have set the descriptor so that it does not wait.
        const waits = error instanceof Deno.errors.WouldBlock && this.hosts !== undefined;
        if (!waits || mustNotWait) throw failureOf(error);
        if (patience === undefined) sleep(RETRY_WAIT);
        else patience.isReadable(descriptor, Infinity);
      }
    }
  }
}

/** Standard output or error. */
export class StandardOutput extends StandardStream {
  readonly #target: OutputStream;
  /** Set where the host's descriptor does not wait. */
  readonly #patient: Patience | undefined;

  /** @param given where it goes to; the host's own when undefined */
  constructor(descriptor: 1 | 2, given: OutputStream | undefined, patience?: Patience) {
    const hosts = descriptor === 1 ? Deno.stdout : Deno.stderr;
    super(descriptor, given === undefined ? hosts : undefined, patience);
    this.#target = given ?? hosts;
    // Deno's function fails there when it has written a part, and nobody knows how much.
    this.#patient = given === undefined && patience !== undefined && isSetNotToWait(descriptor)
      ? patience
      : undefined;
  }

  override write(from: Uint8Array<ArrayBuffer>): number {
    const { mustNotWait, patience, descriptor } = this;
    if (mustNotWait && !patience?.isWritable(descriptor, 0)) fail("again");
    const part = mustNotWait ? from.subarray(0, PIPE_BUF) : from;
    try {
      return this.#patient?.write(descriptor, part) ?? this.#target.writeSync(part);
    } catch (error) {
      throw failureOf(error);
    }
  }
}

/**
 * Whether a stream of the host may be one that does not wait: whoever started us set it so, or the
 * host does not show whether that is the case.
 * @param given streams of an embedder in place of the host's, by descriptor
 */
export function mayNotWait(given: readonly unknown[]): boolean {
  return [0, 1, 2].some((descriptor) =>
    given[descriptor] === undefined &&
    (Deno.build.os !== "linux" || isSetNotToWait(descriptor))
  );
}

/** `O_NONBLOCK` as Linux shows it. */
const SHOWN_NONBLOCK = 0o4000;

/** Whether a descriptor of the host does not wait, where the host shows that (Linux). */
function isSetNotToWait(descriptor: number): boolean {
  if (Deno.build.os !== "linux") return false;
  const path = `/proc/self/fdinfo/${descriptor}`;
  // Without the permission reading fails, but at a terminal Deno would ask the user for it first.
  if (Deno.stdin.isTerminal() && !mayRead(path)) return false;
  try {
    const shown = Deno.readTextFileSync(path);
    return (parseInt(/^flags:\s*([0-7]+)/m.exec(shown)?.[1] ?? "0", 8) & SHOWN_NONBLOCK) !== 0;
  } catch {
    return false; // not to be read here
  }
}

function mayRead(path: string): boolean {
  return Deno.permissions.querySync({ name: "read", path }).state === "granted";
}

/** What a function of the host or of an embedder threw. */
function failureOf(error: unknown): unknown {
  const errno = errnoOfError(error);
  return errno === undefined ? error : new Failure(errno);
}
