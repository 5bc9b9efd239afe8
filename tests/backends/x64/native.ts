/**
 * Runs x64 code on the host, where the host is an x86-64 Linux: the internal calling convention agrees
 * with the host's for a few parameters and one result.
 *
 * @module
 */

/** Whether {@linkcode NativeCode} works here. */
export const canRunNatively: boolean = Deno.build.arch === "x86_64" && Deno.build.os === "linux";

/** Signatures that tests call. */
export const signatures = {
  i_i: { parameters: ["u64"], result: "u64" },
  i_ii: { parameters: ["u64", "u64"], result: "u64" },
  i_f: { parameters: ["f32"], result: "u64" },
  i_d: { parameters: ["f64"], result: "u64" },
  f_i: { parameters: ["u64"], result: "f32" },
  d_i: { parameters: ["u64"], result: "f64" },
  f_ff: { parameters: ["f32", "f32"], result: "f32" },
  d_dd: { parameters: ["f64", "f64"], result: "f64" },
  d_idd: { parameters: ["u64", "f64", "f64"], result: "f64" },
} as const;

type Call = (...args: (number | bigint)[]) => number | bigint;

/** One function in executable memory. */
export class NativeCode implements Disposable {
  readonly #library = Deno.dlopen("libc.so.6", {
    mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
    munmap: { parameters: ["pointer", "usize"], result: "i32" },
  });
  readonly #address: Deno.PointerObject;
  readonly #length: number;

  constructor(code: Uint8Array) {
    this.#length = (code.length + 4095) & -4096;
    // Readable, writable and executable; private and anonymous.
    const address = this.#library.symbols.mmap(0n, BigInt(this.#length), 7, 0x22, -1, 0n);
    if (address === null) throw new Error("Cannot map executable memory");
    this.#address = address;
    new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(address, this.#length)).set(code);
  }
  /** Calls it; integers come back as bigint. */
  call(signature: keyof typeof signatures, ...args: (number | bigint)[]): number | bigint {
    const address = this.#address as Deno.PointerObject<Deno.ForeignFunction>;
    const callable = new Deno.UnsafeFnPointer(
      address,
      signatures[signature] as Deno.ForeignFunction,
    );
    const call = callable.call.bind(callable) as unknown as Call;
    const result = call(...args);
    return signature.startsWith("i") ? BigInt.asUintN(64, BigInt(result)) : result;
  }
  [Symbol.dispose](): void {
    this.#library.symbols.munmap(this.#address, BigInt(this.#length));
    this.#library.close();
  }
}
