// What a gate's device keeps, in IndexedDB: its enrolment, the pack, its people, and every scan until it is long sent.
// Each change of a scan is a transaction of its own that is on the disk before anybody is told (durability strict).

const NAME = "wastetrack-gate";
const VERSION = 1;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore("things");
      database.createObjectStore("people", { keyPath: "membership_id" });
      database.createObjectStore("scans", { keyPath: "scan_id" }).createIndex("seq", "seq");
      database.createObjectStore("photos", { keyPath: "scan_id" });
    };
    request.onsuccess = () => {
      const database = request.result;
      // A newer page waits for older ones to let go.
      database.onversionchange = () => database.close();
      database.onclose = () => { opening = null; };
      resolve(database);
    };
    request.onerror = () => {
      opening = null;
      reject(request.error);
    };
  });
  return opening;
}

/** Run `work` with a store and wait until what it did is on the disk. */
async function write(name, work) {
  const database = await open();
  const transaction = database.transaction(name, "readwrite", { durability: "strict" });
  const kept = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
  });
  const given = work(transaction.objectStore(name));
  await kept;
  return given;
}

/** Whether it was not kept because the memory is full. */
export const isFull = (error) => (error?.cause ?? error)?.name === "QuotaExceededError";

async function read(name, work) {
  const database = await open();
  return done(work(database.transaction(name, "readonly").objectStore(name)));
}

export const thing = (name) => read("things", (store) => store.get(name));
export const putThing = (name, value) => write("things", (store) => store.put(value, name));
export const dropThing = (name) => write("things", (store) => store.delete(name));

export const people = () => read("people", (store) => store.getAll());
export const putPerson = (person) => write("people", (store) => store.put(person));
export const dropPerson = (id) => write("people", (store) => store.delete(id));

/** All scans in the order in which they were made. */
export const scans = () => read("scans", (store) => store.index("seq").getAll());
export const putScan = (scan) => write("scans", (store) => store.put(scan));
export const putScans = (many) => write("scans", (store) => many.forEach((scan) => store.put(scan)));
export const dropScans = (ids) => write("scans", (store) => ids.forEach((id) => store.delete(id)));

export const photos = () => read("photos", (store) => store.getAll());
export const putPhoto = (photo) => write("photos", (store) => store.put(photo));
export const dropPhoto = (id) => write("photos", (store) => store.delete(id));

/** Forget everything but what was not sent: for a device that is enrolled anew. */
export async function forgetEnrolment() {
  await dropThing("device");
  await dropThing("pack");
  await dropThing("shift");
  for (const person of await people()) await dropPerson(person.membership_id);
}

/** Ask the browser not to clear this away when the disk is full; gives whether it agreed. */
export async function persist() {
  if (!navigator.storage?.persist) return false;
  return (await navigator.storage.persisted()) || navigator.storage.persist();
}
