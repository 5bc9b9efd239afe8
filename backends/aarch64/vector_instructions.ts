/**
 * The rows of Advanced SIMD that vectors of 128 bits need. Names are the mnemonic and the arrangement
 * of the lanes: `add_8h`; with a suffix `i` for an immediate.
 *
 * @module
 */
import type { Row } from "./instruction_format.ts";

/** Arrangements of 128 bits, by the logarithm of the bytes of a lane. */
const full = ["16b", "8h", "4s", "2d"] as const;
/** The same lanes in 64 bits. */
const half = ["8b", "4h", "2s", "1d"] as const;
/** Scalars of the lanes. */
const scalar = ["b", "h", "s", "d"] as const;
const sizeBits = ["00", "01", "10", "11"] as const;
type Full = typeof full[number];

/** One row for each arrangement of so many bytes (as logarithms). */
function each<N extends string, S extends Full>(
  name: N,
  shapes: readonly S[],
  row: (size: number, shape: S) => Row,
): Record<`${N}_${S}`, Row> {
  const entries = shapes.map((shape) => [`${name}_${shape}`, row(full.indexOf(shape), shape)]);
  return Object.fromEntries(entries) as Record<`${N}_${S}`, Row>;
}

const all = ["16b", "8h", "4s", "2d"] as const;
const narrow = ["16b", "8h", "4s"] as const;
const real = ["4s", "2d"] as const;

/** `op d, n, m` of equal arrangements; with `mod` the result is added to `d`. */
function three<N extends string, S extends Full>(
  name: N,
  shapes: readonly S[],
  u: 0 | 1,
  op: string,
  role: "def" | "mod" = "def",
): Record<`${N}_${S}`, Row> {
  return each(name, shapes, (size, shape) => ({
    bits: `0 1 ${u} 01110 ${sizeBits[size]} 1 m ${op} 1 n d`,
    asm: `${name} {d:v${shape}}, {n:v${shape}}, {m:v${shape}}`,
    [role]: "d",
  }));
}

/** `op d, n, m` of all bits; `size` is part of the opcode. */
function bitwise<N extends string>(
  name: N,
  u: 0 | 1,
  size: string,
  role: "def" | "mod" = "def",
): Record<`${N}_16b`, Row> {
  const row: Row = {
    bits: `0 1 ${u} 01110 ${size} 1 m 00011 1 n d`,
    asm: `${name} {d:v16b}, {n:v16b}, {m:v16b}`,
    [role]: "d",
  };
  return { [`${name}_16b`]: row } as Record<`${N}_16b`, Row>;
}

/** `op d, n, m` of floats; `a` is part of the opcode. */
function threeFloats<N extends string>(
  name: N,
  u: 0 | 1,
  a: 0 | 1,
  op: string,
): Record<`${N}_${"4s" | "2d"}`, Row> {
  return each(name, real, (size, shape) => ({
    bits: `0 1 ${u} 01110 ${a} ${size - 2} 1 m ${op} 1 n d`,
    asm: `${name} {d:v${shape}}, {n:v${shape}}, {m:v${shape}}`,
    def: "d",
  }));
}

/** `op d, n` of equal arrangements. */
function two<N extends string, S extends Full>(
  name: N,
  shapes: readonly S[],
  u: 0 | 1,
  op: string,
): Record<`${N}_${S}`, Row> {
  return each(name, shapes, (size, shape) => ({
    bits: `0 1 ${u} 01110 ${sizeBits[size]} 10000 ${op} 10 n d`,
    asm: `${name} {d:v${shape}}, {n:v${shape}}`,
    def: "d",
  }));
}

/** `op d, n` of floats. */
function twoFloats<N extends string>(
  name: N,
  u: 0 | 1,
  a: 0 | 1,
  op: string,
): Record<`${N}_${"4s" | "2d"}`, Row> {
  return each(name, real, (size, shape) => ({
    bits: `0 1 ${u} 01110 ${a} ${size - 2} 10000 ${op} 10 n d`,
    asm: `${name} {d:v${shape}}, {n:v${shape}}`,
    def: "d",
  }));
}

/** Comparisons with zero: `op d, n, #0`. */
function zeroes<N extends string>(name: N, u: 0 | 1, op: string): Record<`${N}0_${Full}`, Row> {
  return each(`${name}0`, all, (size, shape) => ({
    bits: `0 1 ${u} 01110 ${sizeBits[size]} 10000 ${op} 10 n d`,
    asm: `${name} {d:v${shape}}, {n:v${shape}}, #0`,
    def: "d",
  }));
}

/** Comparisons of floats with zero. */
function zeroFloats<N extends string>(
  name: N,
  u: 0 | 1,
  op: string,
): Record<`${N}0_${"4s" | "2d"}`, Row> {
  return each(`${name}0`, real, (size, shape) => ({
    bits: `0 1 ${u} 01110 1 ${size - 2} 10000 ${op} 10 n d`,
    asm: `${name} {d:v${shape}}, {n:v${shape}}, #0.0`,
    def: "d",
  }));
}

/**
 * Sums of neighbours in lanes twice as wide: `op d.8h, n.16b`; named by the result, which with `mod`
 * is added to `d`.
 */
function pairwise<N extends string>(
  name: N,
  u: 0 | 1,
  op: string,
  role: "def" | "mod",
): Record<`${N}_${"8h" | "4s" | "2d"}`, Row> {
  return each(name, ["8h", "4s", "2d"], (size, shape) => ({
    bits: `0 1 ${u} 01110 ${sizeBits[size - 1]} 10000 ${op} 10 n d`,
    asm: `${name} {d:v${shape}}, {n:v${full[size - 1]}}`,
    [role]: "d",
  }));
}

/** Narrowing into the lower half, zero above (`op`), or into the upper half (`op2`). */
function narrowing<N extends string>(
  name: N,
  u: 0 | 1,
  op: string,
): Record<`${N}${"" | "2"}_${"16b" | "8h" | "4s"}`, Row> {
  const row = (q: 0 | 1) => (size: number, shape: string): Row => ({
    bits: `0 ${q} ${u} 01110 ${sizeBits[size]} 10000 ${op} 10 n d`,
    asm: `${name}${q === 0 ? "" : "2"} {d:v${q === 0 ? half[size] : shape}}, {n:v${
      full[size + 1]
    }}`,
    ...(q === 0 ? { def: "d" } : { mod: "d" }),
  });
  return {
    ...each(name, narrow, row(0)),
    ...each(`${name}2`, narrow, row(1)),
  } as Record<`${N}${"" | "2"}_${"16b" | "8h" | "4s"}`, Row>;
}

/** Extension of the lower half (`op`) or the upper one (`op2`); named by the result. */
function widening<N extends string>(
  name: N,
  u: 0 | 1,
): Record<`${N}${"" | "2"}_${"8h" | "4s" | "2d"}`, Row> {
  const row = (q: 0 | 1) => (size: number, shape: string): Row => ({
    bits: `0 ${q} ${u} 011110 ${"0".repeat(4 - size)}1${"0".repeat(size + 2)} 10100 1 n d`,
    asm: `${name}${q === 0 ? "" : "2"} {d:v${shape}}, {n:v${(q === 0 ? half : full)[size - 1]}}`,
    def: "d",
  });
  const shapes = ["8h", "4s", "2d"] as const;
  return { ...each(name, shapes, row(0)), ...each(`${name}2`, shapes, row(1)) } as Record<
    `${N}${"" | "2"}_${"8h" | "4s" | "2d"}`,
    Row
  >;
}

/** Products in lanes twice as wide; named by the result, which with `mod` is added to `d`. */
function long<N extends string>(
  name: N,
  u: 0 | 1,
  op: string,
  role: "def" | "mod",
): Record<`${N}${"" | "2"}_${"8h" | "4s" | "2d"}`, Row> {
  const row = (q: 0 | 1) => (size: number, shape: string): Row => {
    const operand = (q === 0 ? half : full)[size - 1];
    return {
      bits: `0 ${q} ${u} 01110 ${sizeBits[size - 1]} 1 m ${op} 00 n d`,
      asm: `${name}${q === 0 ? "" : "2"} {d:v${shape}}, {n:v${operand}}, {m:v${operand}}`,
      [role]: "d",
    };
  };
  const shapes = ["8h", "4s", "2d"] as const;
  return { ...each(name, shapes, row(0)), ...each(`${name}2`, shapes, row(1)) } as Record<
    `${N}${"" | "2"}_${"8h" | "4s" | "2d"}`,
    Row
  >;
}

/** A result of all lanes, in the lowest one. */
function across<N extends string, S extends Full>(
  name: N,
  shapes: readonly S[],
  u: 0 | 1,
  op: string,
): Record<`${N}_${S}`, Row> {
  return each(name, shapes, (size, shape) => ({
    bits: `0 1 ${u} 01110 ${sizeBits[size]} 11000 ${op} 10 n d`,
    asm: `${name} {d:${scalar[size]}}, {n:v${shape}}`,
    def: "d",
  }));
}

/** Shifts by an immediate: `kind` is `left` or `right`; with `mod`, into or onto `d`. */
function shift<N extends string>(
  name: N,
  u: 0 | 1,
  op: string,
  kind: "left" | "right",
  role: "def" | "mod" = "def",
): Record<`${N}i_${Full}`, Row> {
  return each(`${name}i`, all, (size, shape) => ({
    bits: `0 1 ${u} 011110 ${"0".repeat(3 - size)}1 i ${op} 1 n d`,
    asm: `${name} {d:v${shape}}, {n:v${shape}}, {i:${kind}${size + 3}}`,
    [role]: "d",
  }));
}

/** Constants: 8 bits and what the instruction makes of them. */
function constant(op: 0 | 1, cmode: string, asm: string, kind = "u8"): Row {
  return {
    bits: `0 1 ${op} 0111100000 i[7:5] ${cmode} 01 i[4:0] d`,
    asm: asm.replace("#", `{i:${kind}}`),
    def: "d",
    again: true,
  };
}

/** Constants with the 8 bits at a multiple of 8, and with ones below them; and their complements. */
function constants(op: 0 | 1): Record<string, Row> {
  const name = op === 0 ? "movi" : "mvni", rows: Record<string, Row> = {};
  rows[`${name}_8h`] = constant(op, "1000", `${name} {d:v8h}, #`);
  rows[`${name}_8h_8`] = constant(op, "1010", `${name} {d:v8h}, #, lsl #8`);
  rows[`${name}_4s`] = constant(op, "0000", `${name} {d:v4s}, #`);
  for (const [k, cmode] of [[8, "0010"], [16, "0100"], [24, "0110"]] as const) {
    rows[`${name}_4s_${k}`] = constant(op, cmode, `${name} {d:v4s}, #, lsl #${k}`);
  }
  rows[`${name}_4s_msl8`] = constant(op, "1100", `${name} {d:v4s}, #, msl #8`);
  rows[`${name}_4s_msl16`] = constant(op, "1101", `${name} {d:v4s}, #, msl #16`);
  return rows;
}
type ConstantName = `${"movi" | "mvni"}_${
  | "8h"
  | "8h_8"
  | "4s"
  | "4s_8"
  | "4s_16"
  | "4s_24"
  | "4s_msl8"
  | "4s_msl16"}`;

/** One lane from or to memory; `vector` is the load bit. */
function lane1(name: "ld1" | "st1"): Record<`${typeof name}_${"b" | "h" | "s" | "d"}`, Row> {
  const load = name === "ld1" ? 1 : 0;
  const row = (shape: string, kind: string, q: string, rest: string): Row => ({
    bits: `0 ${q} 001101 0 ${load} 0 00000 ${rest} n t`,
    asm: `${name} { {t:v}.${shape} }[{i:${kind}}], [{n:xsp}]`,
    ...(load === 1 ? { mod: "t" } : {}),
  });
  return {
    [`${name}_b`]: row("b", "lane4", "i[3]", "000 i[2] i[1:0]"),
    [`${name}_h`]: row("h", "lane3", "i[2]", "010 i[1] i[0] 0"),
    [`${name}_s`]: row("s", "lane2", "i[1]", "100 i[0] 00"),
    [`${name}_d`]: row("d", "lane1", "i[0]", "100 0 01"),
  } as Record<`${typeof name}_${"b" | "h" | "s" | "d"}`, Row>;
}

/** Permutations of the lanes of two vectors. */
function permute<N extends string>(name: N, op: string): Record<`${N}_${Full}`, Row> {
  return each(name, all, (size, shape) => ({
    bits: `0 1 001110 ${sizeBits[size]} 0 m 0 ${op} 10 n d`,
    asm: `${name} {d:v${shape}}, {n:v${shape}}, {m:v${shape}}`,
    def: "d",
  }));
}

/** The five bits that say lane and size. */
const lane = (size: number, index: string = "i"): string => `${index} 1${"0".repeat(size)}`;
const general = (size: number): string => size === 3 ? "x" : "w";

// deno-fmt-ignore: one instruction per line
/** The rows of vectors. */
export const vectorRows = {
  // Integers
  ...three("add", all, 0, "10000"), ...three("sub", all, 1, "10000"),
  ...three("mul", narrow, 0, "10011"), ...three("addp", all, 0, "10111"),
  ...three("cmeq", all, 1, "10001"),
  ...three("cmgt", all, 0, "00110"), ...three("cmge", all, 0, "00111"),
  ...three("cmtst", all, 0, "10001"),
  ...three("cmhi", all, 1, "00110"), ...three("cmhs", all, 1, "00111"),
  ...three("smax", narrow, 0, "01100"), ...three("umax", narrow, 1, "01100"),
  ...three("smin", narrow, 0, "01101"), ...three("umin", narrow, 1, "01101"),
  ...three("urhadd", narrow, 1, "00010"), ...three("umaxp", ["4s"], 1, "10100"),
  ...three("mla", narrow, 0, "10010", "mod"), ...three("mls", narrow, 1, "10010", "mod"),
  ...three("sqadd", all, 0, "00001"), ...three("uqadd", all, 1, "00001"),
  ...three("sqsub", all, 0, "00101"), ...three("uqsub", all, 1, "00101"),
  ...three("sshl", all, 0, "01000"), ...three("ushl", all, 1, "01000"),
  ...three("sqrdmulh", ["8h"], 1, "10110"),
  ...two("abs", all, 0, "01011"), ...two("neg", all, 1, "01011"),
  ...two("cnt", ["16b"], 0, "00101"), ...two("mvn", ["16b"], 1, "00101"),
  ...two("rev64", narrow, 0, "00000"), ...two("rev32", ["16b", "8h"], 1, "00000"), ...two("rev16", ["16b"], 0, "00001"),
  ...zeroes("cmeq", 0, "01001"), ...zeroes("cmgt", 0, "01000"), ...zeroes("cmge", 1, "01000"), ...zeroes("cmlt", 0, "01010"), ...zeroes("cmle", 1, "01001"),
  ...pairwise("saddlp", 0, "00010", "def"), ...pairwise("uaddlp", 1, "00010", "def"),
  ...pairwise("sadalp", 0, "00110", "mod"), ...pairwise("uadalp", 1, "00110", "mod"),
  ...narrowing("xtn", 0, "10010"), ...narrowing("sqxtn", 0, "10100"), ...narrowing("sqxtun", 1, "10010"), ...narrowing("uqxtn", 1, "10100"),
  ...widening("sxtl", 0), ...widening("uxtl", 1),
  ...long("smull", 0, "1100", "def"), ...long("umull", 1, "1100", "def"),
  ...long("smlal", 0, "1000", "mod"), ...long("umlal", 1, "1000", "mod"),
  ...long("smlsl", 0, "1010", "mod"), ...long("umlsl", 1, "1010", "mod"),
  addp_d: { bits: "01 0 11110 11 11000 11011 10 n d", asm: "addp {d:d}, {n:v2d}", def: "d" },
  ...across("addv", ["8h", "4s"], 0, "11011"),
  ...across("umaxv", narrow, 1, "01010"), ...across("uminv", narrow, 1, "11010"),
  ...shift("shl", 0, "01010", "left"), ...shift("sshr", 0, "00000", "right"), ...shift("ushr", 1, "00000", "right"),
  ...shift("ssra", 0, "00010", "right", "mod"), ...shift("usra", 1, "00010", "right", "mod"), ...shift("sri", 1, "01000", "right", "mod"),

  // Bits
  ...bitwise("and", 0, "00"), ...bitwise("bic", 0, "01"), ...bitwise("orr", 0, "10"), ...bitwise("orn", 0, "11"), ...bitwise("eor", 1, "00"),
  ...bitwise("bsl", 1, "01", "mod"), ...bitwise("bit", 1, "10", "mod"), ...bitwise("bif", 1, "11", "mod"),

  // Floats
  ...threeFloats("fadd", 0, 0, "11010"), ...threeFloats("fsub", 0, 1, "11010"),
  ...threeFloats("fmul", 1, 0, "11011"), ...threeFloats("fdiv", 1, 0, "11111"),
  ...threeFloats("fmax", 0, 0, "11110"), ...threeFloats("fmin", 0, 1, "11110"),
  ...threeFloats("fcmeq", 0, 0, "11100"), ...threeFloats("fcmge", 1, 0, "11100"), ...threeFloats("fcmgt", 1, 1, "11100"),
  ...zeroFloats("fcmeq", 0, "01101"), ...zeroFloats("fcmgt", 0, "01100"), ...zeroFloats("fcmge", 1, "01100"), ...zeroFloats("fcmlt", 0, "01110"), ...zeroFloats("fcmle", 1, "01101"),
  ...twoFloats("fabs", 0, 1, "01111"), ...twoFloats("fneg", 1, 1, "01111"), ...twoFloats("fsqrt", 1, 1, "11111"),
  ...twoFloats("frintn", 0, 0, "11000"), ...twoFloats("frintm", 0, 0, "11001"),
  ...twoFloats("frintp", 0, 1, "11000"), ...twoFloats("frintz", 0, 1, "11001"),
  ...twoFloats("fcvtzs", 0, 1, "11011"), ...twoFloats("fcvtzu", 1, 1, "11011"),
  ...twoFloats("scvtf", 0, 0, "11101"), ...twoFloats("ucvtf", 1, 0, "11101"),
  fcvtn: { bits: "0 0 0 01110 01 10000 10110 10 n d", asm: "fcvtn {d:v2s}, {n:v2d}", def: "d" },
  fcvtl: { bits: "0 0 0 01110 01 10000 10111 10 n d", asm: "fcvtl {d:v2d}, {n:v2s}", def: "d" },

  // Constants
  movi_16b: constant(0, "1110", "movi {d:v16b}, #"),
  movi_2d: constant(1, "1110", "movi {d:v2d}, #", "bytes8"),
  fmov_4s: constant(0, "1111", "fmov {d:v4s}, #", "float8"),
  fmov_2d: constant(1, "1111", "fmov {d:v2d}, #", "float8"),
  ...(constants(0) as Record<ConstantName & `movi${string}`, Row>), ...(constants(1) as Record<ConstantName & `mvni${string}`, Row>),

  // Lanes
  ...lane1("ld1"), ...lane1("st1"),
  ...each("ld1r", all, (size, shape) => ({ bits: `0 1 001101 0 1 0 00000 110 0 ${sizeBits[size]} n t`, asm: `ld1r { {t:v${shape}} }, [{n:xsp}]`, def: "t" })),
  ...each("dup", all, (size, shape) => ({ bits: `0 1 0 01110000 ${"0".repeat(4 - size)}1${"0".repeat(size)} 0 0001 1 n d`, asm: `dup {d:v${shape}}, {n:${general(size)}}`, def: "d" })),
  ...each("dupv", all, (size, shape) => ({ bits: `0 1 0 01110000 ${lane(size)} 0 0000 1 n d`, asm: `dup {d:v${shape}}, {n:v}.${scalar[size]}[{i:lane${4 - size}}]`, def: "d" })),
  ...each("get", all, (size) => ({ bits: `0 1 0 11110000 ${lane(size)} 0 0000 1 n d`, asm: `mov {d:${scalar[size]}}, {n:v}.${scalar[size]}[{i:lane${4 - size}}]`, def: "d" })),
  ...each("smov", ["16b", "8h"], (size) => ({ bits: `0 0 0 01110000 ${lane(size)} 0 0101 1 n d`, asm: `smov {d:w}, {n:v}.${scalar[size]}[{i:lane${4 - size}}]`, def: "d" })),
  ...each("smovx", narrow, (size) => ({ bits: `0 1 0 01110000 ${lane(size)} 0 0101 1 n d`, asm: `smov {d:x}, {n:v}.${scalar[size]}[{i:lane${4 - size}}]`, def: "d" })),
  ...each("umov", all, (size) => ({ bits: `0 ${size === 3 ? 1 : 0} 0 01110000 ${lane(size)} 0 0111 1 n d`, asm: `${size < 2 ? "umov" : "mov"} {d:${general(size)}}, {n:v}.${scalar[size]}[{i:lane${4 - size}}]`, def: "d" })),
  ...each("ins", all, (size) => ({ bits: `0 1 0 01110000 ${lane(size)} 0 0011 1 n d`, asm: `mov {d:v}.${scalar[size]}[{i:lane${4 - size}}], {n:${general(size)}}`, mod: "d" })),
  ...each("insv", all, (size) => ({ bits: `0 1 1 01110000 ${lane(size)} 0 j ${"0".repeat(size)} 1 n d`.replace(/ +/g, " "), asm: `mov {d:v}.${scalar[size]}[{i:lane${4 - size}}], {n:v}.${scalar[size]}[{j:lane${4 - size}}]`, mod: "d" })),
  tbl: { bits: "01001110000 m 000000 n d", asm: "tbl {d:v16b}, { {n:v16b} }, {m:v16b}", def: "d" },
  tbx: { bits: "01001110000 m 000100 n d", asm: "tbx {d:v16b}, { {n:v16b} }, {m:v16b}", mod: "d" },
  ext: { bits: "01101110000 m 0 i 0 n d", asm: "ext {d:v16b}, {n:v16b}, {m:v16b}, {i:u4}", def: "d" },
  ...permute("zip1", "011"), ...permute("zip2", "111"), ...permute("uzp1", "001"), ...permute("uzp2", "101"),
  ...permute("trn1", "010"), ...permute("trn2", "110"),
} satisfies Record<string, Row>;
