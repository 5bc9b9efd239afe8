/**
 * Names as their language writes them: Rust (both manglings) and C++ (Itanium). The work is done by
 * the demanglers of the Firefox profiler, `cpp_demangle` and `rustc-demangle` compiled to
 * WebAssembly; they are loaded when they are first needed.
 *
 * @module
 */

/** Turns a mangled name into the one in the source; gives other names back as they are. */
export type Demangle = (name: string) => string;

/** Gives every name back as it is. */
export function keepMangled(name: string): string {
  return name;
}

/** What mangled names begin with; LLVM adds an underscore on some systems. */
const mangled = /^_{1,3}(Z|R)/;

/** Loads the demanglers; without them (no network, no cache) names stay as they are. */
export async function loadDemangler(): Promise<Demangle> {
  let demangleAny: Demangle;
  try {
    ({ demangle_any: demangleAny } = await import("gecko-profiler-demangle"));
  } catch {
    return keepMangled;
  }
  return (name) => {
    if (!mangled.test(name)) return name;
    try {
      const text = demangleAny(name);
      // It takes an underscore away from names that it cannot read.
      return text === "" || name.endsWith(text) ? name : text;
    } catch {
      return name;
    }
  };
}
