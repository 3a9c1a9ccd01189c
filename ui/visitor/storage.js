// What browsers keep for a page. Some block that, as for a page in a frame of another site: then this page keeps it
// itself, everything works, and a reload starts anew. The page says so.
{
  const inThisPageOnly = () => {
    const values = new Map();
    return {
      get length() {
        return values.size;
      },
      key: (index) => [...values.keys()][index] ?? null,
      getItem: (key) => values.get(String(key)) ?? null,
      setItem: (key, value) => void values.set(String(key), String(value)),
      removeItem: (key) => void values.delete(String(key)),
      clear: () => values.clear(),
    };
  };
  const isThere = (name) => {
    try {
      return Boolean(window[name]);
    } catch {
      return false;
    }
  };
  for (const name of ["localStorage", "sessionStorage"]) {
    if (isThere(name)) continue;
    Object.defineProperty(window, name, { value: inThisPageOnly(), configurable: true });
    document.documentElement.dataset.nothingKept = "";
  }
}

// What a tab keeps over a reload. What is damaged, or had no room, is as if it had never been kept.
window.tabKeeps = {
  get(key) {
    try {
      return JSON.parse(sessionStorage.getItem(key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      sessionStorage.removeItem(key);
    }
  },
};
