/** Names as people wrote them. */
import { strictEqual } from "node:assert";
import { loadDemangler } from "../../lib/debug/demangle.ts";

const demangle = await loadDemangler();

/** Mangled names with their source forms; `c++filt` and `rustfilt` give the same. */
const readable: Readonly<Record<string, string>> = {
  _ZN4core9panicking5panic17h0123456789abcdefE: "core::panicking::panic",
  "_ZN66_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..drop..Drop$GT$4drop17h0123456789abcdefE":
    "<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop",
  _RNvCs1234_7mycrate3foo: "mycrate::foo",
  _RINvNtC3std3mem8align_ofdE: "std::mem::align_of::<f64>",
  _Z3addii: "add(int, int)",
  _ZNK6shapes3BoxIiE5ratioEv: "shapes::Box<int>::ratio() const",
  _ZN6shapesL5twiceERKNS_3BoxIiEE: "shapes::twice(shapes::Box<int> const&)",
  _ZNSt6vectorIiSaIiEE9push_backEOi: "std::vector<int, std::allocator<int> >::push_back(int&&)",
};

Deno.test("mangled names of Rust and C++ become readable", () => {
  for (const [name, expected] of Object.entries(readable)) strictEqual(demangle(name), expected);
});

Deno.test("other names stay as they are", () => {
  const names = [
    "",
    "main",
    "_start",
    "__original_main",
    "__wasm_call_ctors",
    "_R",
    "_Z",
    "Z",
  ];
  for (const name of [...names, "_ZN3foo", "_Rust", "日本", "_ZN" + "9".repeat(400) + "xE"]) {
    strictEqual(demangle(name), name);
  }
});
