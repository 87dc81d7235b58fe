// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/quit_question.h"

#include <QPushButton>

namespace weir::ui {

QuitQuestion::QuitQuestion(QWidget *parent) : QMessageBox(parent), m_wait(addButton(tr("&Wait for them"), QMessageBox::AcceptRole))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setIcon(QMessageBox::Question);
    setWindowTitle(tr("Quit Weir?"));
    const QPushButton *now = addButton(tr("Quit &now"), QMessageBox::DestructiveRole);
    QPushButton *keep = addButton(tr("&Keep running"), QMessageBox::RejectRole);
    setDefaultButton(m_wait);
    setEscapeButton(keep);
    connect(this, &QMessageBox::buttonClicked, this, [this, now](const QAbstractButton *chosen) {
        if (chosen == m_wait)
            Q_EMIT waitChosen();
        else if (chosen == now)
            Q_EMIT nowChosen();
    });
}

void QuitQuestion::setActive(int requests)
{
    m_wait->setText(requests == 1 ? tr("&Wait for it") : tr("&Wait for them"));
    setInformativeText(
        requests == 0
            ? QString()
            : tr("If Weir quits now, the tools that wait for an answer get an error. While Weir waits "
                 "for what runs it takes no new requests."));
    setText(requests == 0   ? tr("No request is running any more.")
            : requests == 1 ? tr("1 request is running.")
                            : tr("%1 requests are running.").arg(requests));
}

} // namespace weir::ui
