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
import { sleep } from "./clocks.ts";
import { errnoOfError, fail, Failure } from "./failure.ts";
import type { FileStat, HostFile } from "./host/host.ts";
import { Libc } from "./host/libc.ts";
import { isReady, Ready } from "./readiness.ts";

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

/** What is ready for writing has room for so many bytes. */
const PIPE_BUF = 4096;
/** ms between attempts on a host without `poll`. */
const RETRY_WAIT = 10;

/** What the three streams have in common. */
abstract class StandardStream implements HostFile {
  readonly isStream = true;
  #type: number | undefined;
  #nonblock = false;

  /**
   * @param descriptor 0, 1 or 2
   * @param hosts the host's own stream when it is that
   */
  protected constructor(
    readonly descriptor: number,
    readonly hosts: { isTerminal(): boolean } | undefined,
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

  /** Whether calls must not wait; then the host was asked whether it is ready. */
  protected mustNotWait(wanted: number): boolean {
    if (!this.#nonblock || this.hosts === undefined) return false;
    if (!isReady(this.descriptor, wanted, 0)) fail("again");
    return true;
  }
  /** Decides about an error of the host: returns when it is worth another try. */
  protected afterError(error: unknown, wanted: number): void {
    const errno = errnoOfError(error);
    if (errno === undefined) throw error;
    // Whoever started us may have set the descriptor so that it does not wait.
    const waits = error instanceof Deno.errors.WouldBlock && this.hosts !== undefined;
    if (!waits || this.#nonblock) throw new Failure(errno);
    if (Libc.open() === undefined) sleep(RETRY_WAIT);
    else isReady(this.descriptor, wanted, Infinity);
  }

  setFlags({ nonblock }: { readonly nonblock: boolean }): void {
    if (nonblock && this.hosts !== undefined && Libc.open() === undefined) fail("notsup");
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
  constructor(given: InputStream | undefined) {
    super(0, given === undefined ? Deno.stdin : undefined);
    this.#source = given ?? Deno.stdin;
  }

  override read(into: Uint8Array<ArrayBuffer>): number {
    for (;;) {
      this.mustNotWait(Ready.read);
      try {
        return this.#source.readSync(into) ?? 0;
      } catch (error) {
        this.afterError(error, Ready.read);
      }
    }
  }
}

/** Standard output or error. */
export class StandardOutput extends StandardStream {
  readonly #target: OutputStream;

  /** @param given where it goes to; the host's own when undefined */
  constructor(descriptor: 1 | 2, given: OutputStream | undefined) {
    const hosts = descriptor === 1 ? Deno.stdout : Deno.stderr;
    super(descriptor, given === undefined ? hosts : undefined);
    this.#target = given ?? hosts;
  }

  override write(from: Uint8Array<ArrayBuffer>): number {
    for (;;) {
      const part = this.mustNotWait(Ready.write) ? from.subarray(0, PIPE_BUF) : from;
      try {
        return this.#target.writeSync(part);
      } catch (error) {
        this.afterError(error, Ready.write);
      }
    }
  }
}
