// What was typed and not yet saved, kept for this tab only. See DraftKeeper.cs.
const prefix = 'portal-draft:';

export function save(key, value) {
  sessionStorage.setItem(prefix + key, value);
}

export function take(key) {
  const value = sessionStorage.getItem(prefix + key);
  sessionStorage.removeItem(prefix + key);
  return value;
}
