/** Which keys an export configuration takes. Regions are compared without regard to case. */
export interface Selection {
  /** The caller has put the output region here when the configuration names none; an empty list takes no region. */
  readonly inputRegions: readonly string[];
  readonly excludeRegions: readonly string[];
  /** Travelers' keys are taken from every region that is not excluded. */
  readonly includeTravelers: boolean;
  readonly onlyNonTravelers: boolean;
}

/** What the selection looks at in a key. */
export interface Selectable {
  readonly regions: readonly string[];
  readonly traveler: boolean;
}

/**
 * Whether a configuration takes a key: one of its regions is among the input regions, or it is a traveler's and those
 * are included; none of its regions is excluded; and it is not a traveler's if only others are wanted.
 *
 * The reference server applies a list of regions only if it has exactly one (reference server facts, §5.4); here every
 * list counts.
 */
export function selects(config: Selection, key: Selectable): boolean {
  return selector(config)(key);
}

/** The same for many keys: the lists are prepared once. */
export function selector(config: Selection): (key: Selectable) => boolean {
  const overlapsInput = overlaps(config.inputRegions);
  const overlapsExcluded = overlaps(config.excludeRegions);
  return (key) => {
    if (config.onlyNonTravelers && key.traveler) return false;
    if (overlapsExcluded(key.regions)) return false;
    return (config.includeTravelers && key.traveler) || overlapsInput(key.regions);
  };
}

function overlaps(wanted: readonly string[]): (regions: readonly string[]) => boolean {
  const upperCased = new Set(wanted.map((region) => region.toUpperCase()));
  return (regions) => regions.some((region) => upperCased.has(region.toUpperCase()));
}
