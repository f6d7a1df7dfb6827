// Labels that were read at a stop and have no answer yet, in the order in which they were read, in IndexedDB.

const NAME = "wastetrack-loading";
const STORE = "scans";

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

let opening = null;

function open() {
  if (opening === null) {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const scans = request.result.createObjectStore(STORE, { keyPath: "number", autoIncrement: true });
      scans.createIndex("manifest", "manifest");
      scans.createIndex("id", "id");
    };
    opening = done(request);
  }
  return opening;
}

/** Run `work` with the store; resolved when what it did is on the disk. */
async function write(work) {
  const database = await open();
  const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
  const kept = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  work(transaction.objectStore(STORE));
  await kept;
}

export async function kept(manifest) {
  const database = await open();
  return done(database.transaction(STORE).objectStore(STORE).index("manifest").getAll(manifest));
}

export const keep = (scan) => write((store) => store.add(scan));

export const drop = (scan) => write((store) => store.delete(scan.number));
