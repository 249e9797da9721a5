// The slider shows one row of the table of thresholds; every number is in the page already.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const slider = document.getElementById("slider");
  const rows = document.querySelectorAll("#thresholds tbody tr");
  const here = document.getElementById("here");
  if (!slider || !rows.length) return;
  const show = () => {
    const row = rows[Number(slider.value)];
    const said = (part) => row.querySelector(`[data-part="${part}"]`).textContent;
    for (const place of document.querySelectorAll("#numbers [data-part]")) {
      place.textContent = said(place.dataset.part);
    }
    document.getElementById("at").textContent = said("at");
    slider.setAttribute("aria-valuetext", `threshold ${said("at")}`);
    here.setAttribute("cx", row.dataset.x);
    here.setAttribute("cy", row.dataset.y);
  };
  slider.disabled = false;
  slider.addEventListener("input", show);
  show();
});
