/**
 * What processors of an instruction set have beyond its base: tables of features, sets of them as bit
 * masks, and the lists by which users choose.
 *
 * A backend describes its features in a table ({@linkcode FeatureRow} by name) and is told which are
 * enabled as an integer, one bit a feature, so that selection and emission test masks and never
 * compare names. Nothing outside a backend knows a feature by its name. The bits are good within one
 * build; what outlives it (object files, goldens) has the names.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";

/** How a feature comes to be enabled. */
export type FeatureStatus = "required" | "default" | "optional";

/** A row of a backend's table of features; its key is the name that assemblers and compilers use. */
export interface FeatureRow {
  /** What it is, in a line. */
  readonly description: string;
  /** `required`: no code is made without it; `default`: code is made with it unless it is disabled. */
  readonly status: FeatureStatus;
  /** Names of features that it contains: enabling it enables them, disabling one of them disables it. */
  readonly implies?: readonly string[];
  /** It is only a name for what it implies, and has no bit of its own. */
  readonly isGroup?: boolean;
}

/** A feature of a processor that the compiler can make use of. */
export interface CpuFeature {
  /** As assemblers and compilers call it, e.g. `zbb`. */
  readonly name: string;
  /** What it is, in a line. */
  readonly description: string;
  /** Whether code needs it always, unless it is disabled, or only when it is enabled. */
  readonly status: FeatureStatus;
  /** Its bit; 0 for a group, which is what it enables. */
  readonly mask: number;
  /** The bits that enabling it sets: its own and those of what it implies. */
  readonly enables: number;
  /** The bits that disabling it clears: those it enables if it is a group, else its own and those of what implies it. */
  readonly disables: number;
}

/** An instruction set as far as features go. */
export interface FeatureSet<Self> {
  /** `x64`, `aarch64` or `riscv64`, for messages. */
  readonly name: string;
  /** Every feature that the compiler knows of. */
  readonly features: readonly CpuFeature[];
  /** The {@linkcode CpuFeature.mask} bits of those that are enabled. */
  readonly featureBits: number;
  /** The same instruction set with exactly these features enabled. */
  withFeatures(bits: number): Self;
}

/** The features of a table, and the bit of each by name: `masks.zbb`. */
export interface FeatureTable<Name extends string> {
  readonly features: readonly CpuFeature[];
  readonly masks: Readonly<Record<Name, number>>;
  /** The bits of all that are required or enabled by default. */
  readonly defaultBits: number;
}

/** Compiles a table; a row that implies something unknown throws, naming itself. */
export function featureTable<Name extends string>(
  rows: Readonly<Record<Name, FeatureRow>>,
): FeatureTable<Name> {
  const names = Object.keys(rows) as Name[];
  const own = new Map<string, number>();
  for (const name of names) own.set(name, rows[name].isGroup ? 0 : 1 << own.size);
  const enables = (name: string, row: FeatureRow): number =>
    (row.implies ?? []).reduce((bits, other) => {
      const implied = rows[other as Name];
      if (implied === undefined) {
        throw new InternalError(`Cannot compile feature "${name}": "${other}" is unknown`);
      }
      return bits | enables(other, implied);
    }, own.get(name) as number);
  const features = names.map((name): CpuFeature => {
    const row = rows[name], mask = own.get(name) as number;
    const implying = names.filter((other) => (enables(other, rows[other]) & mask) !== 0);
    return {
      name,
      description: row.description,
      status: row.status,
      mask,
      enables: enables(name, row),
      disables: mask === 0
        ? enables(name, row)
        : implying.reduce((bits, other) => bits | (own.get(other) as number), mask),
    };
  });
  const masks = Object.fromEntries(own) as Record<Name, number>;
  const defaultBits = features.reduce(
    (bits, { status, enables }) => status === "optional" ? bits : bits | enables,
    0,
  );
  return { features, masks, defaultBits };
}

/** Says that rows of an instruction table belong to a feature, given by its bit. */
export function ofFeature<Name extends string, Row extends object>(
  feature: number,
  rows: Readonly<Record<Name, Row>>,
): Readonly<Record<Name, Row & { readonly feature: number }>> {
  const marked = Object.entries<Row>(rows).map(([name, row]) => [name, { ...row, feature }]);
  return Object.fromEntries(marked) as Record<Name, Row & { readonly feature: number }>;
}

/** The names of enabled features, in the order of the table; groups go by what they imply. */
export function featureNames(features: readonly CpuFeature[], bits: number): string[] {
  return features.filter(({ mask }) => (mask & bits) !== 0).map(({ name }) => name);
}

/**
 * The name of an instruction set with what is enabled beyond the default, and what is not:
 * `riscv64+zba+zbb-c`, in the order of the table.
 */
export function configuredName(
  { name, features, featureBits }: Omit<FeatureSet<unknown>, "withFeatures">,
): string {
  return name + features.map(({ name, mask, status }) => {
    const isEnabled = (featureBits & mask) !== 0, isDefault = status !== "optional";
    return mask === 0 || isEnabled === isDefault ? "" : `${isEnabled ? "+" : "-"}${name}`;
  }).join("");
}

/**
 * An instruction set with features enabled and disabled.
 * @param list names separated by commas, each with `+` (or nothing) to enable or `-` to disable, applied
 * in order to what is enabled in `isa`
 * @throws RangeError for a name that is unknown or a feature that cannot be disabled
 */
export function configureIsa<I extends FeatureSet<I>>(isa: I, list: string): I {
  let bits = isa.featureBits;
  for (const item of list.split(",").map((text) => text.trim())) {
    if (item === "") continue;
    const name = item.replace(/^[+-]/, "");
    const feature = isa.features.find((known) => known.name === name);
    if (feature === undefined) throw new RangeError(unknownFeature(isa, name));
    if (!item.startsWith("-")) {
      bits |= feature.enables;
    } else {
      if (feature.status === "required") {
        throw new RangeError(
          `Cannot disable CPU feature "${name}": code for ${isa.name} always needs it`,
        );
      }
      bits &= ~feature.disables;
    }
  }
  return bits === isa.featureBits ? isa : isa.withFeatures(bits);
}

function unknownFeature<I extends FeatureSet<I>>({ name, features }: I, wanted: string): string {
  const names = features.map((feature) => feature.name).join(", ");
  return `Cannot find CPU feature "${wanted}": ` +
    (names === "" ? `${name} has none` : `those of ${name} are ${names}`);
}
