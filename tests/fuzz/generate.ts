/**
 * Random valid modules. Every run ends: loops and calls spend fuel, and do nothing without. No bits of
 * a NaN can be observed (they are not determined): where a float's bits or its sign matter, NaN is
 * replaced first.
 *
 * The module imports `env.log (i32 i64 f32 f64) -> i32`, `env.pair (i32) -> (i64 f64)` and
 * `env.enter (i32) -> i32` (which may call back), and exports its functions as `f0`…, globals as
 * `g0`… (`g0` is the fuel), memory as `m` and table as `t`.
 */
import { BodyGenerator } from "./generate_body.ts";
import { name, signed, sized, unsigned, vector } from "./encoding.ts";
import { Random } from "./random.ts";
import { constantOf, type Shape, type Signature, Type, types } from "./shape.ts";

/** A generated module. */
export interface GeneratedModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly shape: Shape;
}

const imports: readonly (readonly [string, Signature])[] = [
  ["log", { params: types, results: [Type.i32] }],
  ["pair", { params: [Type.i32], results: [Type.i64, Type.f64] }],
  ["enter", { params: [Type.i32], results: [Type.i32] }],
];

/** The module of a seed. */
export function generateModule(seed: number): GeneratedModule {
  const random = new Random(seed);
  const someTypes = (most: number): Type[] =>
    Array.from({ length: random.below(most + 1) }, () => random.pick(types));
  const signatures = imports.map(([, signature]) => signature);
  const count = 2 + random.below(5);
  for (let n = 0; n < count; n++) {
    const many = random.oneIn(6);
    signatures.push({ params: someTypes(many ? 14 : 5), results: someTypes(many ? 12 : 2) });
  }
  // The first function can be called with nothing, by the host function that calls back.
  signatures.push({ params: [], results: [Type.i32] });
  const functions = imports.map((_, n) => n);
  functions.push(signatures.length - 1);
  for (let n = random.below(5); n >= 0; n--) {
    functions.push(imports.length + random.below(signatures.length - imports.length));
  }
  const shape: Shape = {
    signatures,
    functions,
    importedFunctions: imports.length,
    globals: [Type.i32, ...types, ...someTypes(3)],
    tableLength: 4 + random.below(12),
    dataLength: random.below(200),
    elementCount: 1 + random.below(6),
  };
  return { bytes: encode(shape, random), shape };
}

function encode(shape: Shape, random: Random): Uint8Array<ArrayBuffer> {
  const defined = shape.functions.slice(shape.importedFunctions);
  const limits = (minimum: number, maximum: number): number[] => [
    ...[1, ...unsigned(minimum)],
    ...unsigned(maximum),
  ];
  const exports = defined.map((_, n) => [
    ...name(`f${n}`),
    0,
    ...unsigned(shape.importedFunctions + n),
  ]);
  shape.globals.forEach((_, n) => exports.push([...name(`g${n}`), 3, ...unsigned(n)]));
  exports.push([...name("m"), 2, 0], [...name("t"), 1, 0]);
  const someFunctions = (length: number): number[][] =>
    Array.from({ length }, () => unsigned(random.below(shape.functions.length)));
  const bytes = Array.from({ length: shape.dataLength }, () => random.bits() & 0xff);
  const bodies = defined.map((signature) =>
    sized(new BodyGenerator(shape, random, shape.signatures[signature] as Signature).body())
  );
  const sections: readonly (readonly [number, number[]])[] = [
    [
      1,
      vector(shape.signatures.map(({ params, results }) => [
        0x60,
        ...vector(params.map((type) => [type])),
        ...vector(results.map((type) => [type])),
      ])),
    ],
    [2, vector(imports.map(([text], n) => [...name("env"), ...name(text), 0, n]))],
    [3, vector(defined.map((signature) => unsigned(signature)))],
    [4, vector([[0x70, ...limits(shape.tableLength, shape.tableLength + 8)]])],
    [5, vector([limits(1, 3)])],
    [6, vector(shape.globals.map((type, n) => [type, 1, ...constant(type, random, n), 0x0b]))],
    [7, vector(exports)],
    [
      9,
      vector([
        [0, 0x41, 0, 0x0b, ...vector(someFunctions(random.below(shape.tableLength)))],
        [1, 0, ...vector(someFunctions(shape.elementCount))],
      ]),
    ],
    [12, unsigned(2)],
    [10, vector(bodies)],
    [11, vector([[0, 0x41, ...signed(64n), 0x0b, ...sized(bytes)], [1, ...sized(bytes)]])],
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...sections.flatMap(([id, content]) => [id, ...sized(content)]),
  ]);
}

/** A random constant; the fuel (global 0) starts with none. */
function constant(type: Type, random: Random, global: number): number[] {
  if (global === 0) return [0x41, 0];
  return constantOf(type, random);
}
