// A form of questions: radio buttons (or a line to write on), a button, and a reply that is read out.
let count = 0;

function element(kind, attributes, text) {
  const made = document.createElement(kind);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function question(model, item, index, several) {
  const name = `matlearn-card-${count++}`;
  const form = element("form", { class: "matlearn-card-item", "data-item": index });
  const field = element("fieldset");
  field.append(element("legend", {}, several ? `${index + 1}. ${item.question}` : item.question));
  item.choices.forEach((choice, number) => {
    const label = element("label", { class: "matlearn-card-choice" });
    const radio = element("input", { type: "radio", name, value: number });
    label.append(radio, element("span", {}, choice));
    field.append(label);
  });
  if (!item.choices.length) {
    field.append(element("input", { type: "text", name, "aria-label": item.question, maxlength: 300 }));
  }
  const button = element("button", { type: "submit" }, model.get("button"));
  const reply = element("p", { class: "matlearn-card-reply", role: "status" });
  form.append(field, button, reply);

  const show = () => {
    const said = model.get("said")[index];
    const radios = [...form.querySelectorAll("input[type=radio]")];
    if (said !== null && said !== undefined) {
      if (item.choices.length) radios.forEach((radio, number) => { radio.checked = number === said; });
      else form.querySelector("input").value = said;
    }
    const answer = model.get("replies")[index] || {};
    reply.dataset.kind = answer.kind || "";
    reply.replaceChildren();
    if (answer.sign) reply.append(element("strong", {}, answer.sign), " ");
    if (answer.text) reply.append(answer.text);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = item.choices.length
      ? form.querySelector("input:checked")
      : form.querySelector("input");
    if (!chosen || !chosen.value.trim()) {
      reply.dataset.kind = "";
      reply.textContent = item.choices.length ? "Choose one first." : "Write something first.";
      return;
    }
    const value = item.choices.length ? Number(chosen.value) : chosen.value.trim();
    model.send({ kind: "answer", item: index, value });
  });
  return [form, show];
}

function render({ model, el }) {
  const card = element("div", { class: "matlearn-card", "data-lm-suppress-shortcuts": "true" });
  card.addEventListener("keydown", (event) => event.stopPropagation()); // not for the notebook
  if (model.get("heading")) card.append(element("h4", {}, model.get("heading")));
  const items = model.get("items");
  const shown = items.map((item, index) => question(model, item, index, items.length > 1));
  shown.forEach(([form]) => card.append(form));
  const closing = element("p", { class: "matlearn-card-closing", role: "status" });
  card.append(closing);
  const update = () => {
    shown.forEach(([, show]) => show());
    closing.textContent = model.get("closing");
  };
  update();
  model.on("change:replies", update);
  model.on("change:closing", update);
  el.append(card);
  return () => {
    model.off("change:replies", update);
    model.off("change:closing", update);
  };
}

export default { render };
